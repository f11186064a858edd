import Gateway
import JSON
import Lambda
import Objects
import Signing

/// `serverless-manifest.json` after validation: all that the emulator has to know of a service.
struct Manifest: Sendable {
    struct Function: Sendable {
        let name: String
        /// File name of the binary, or a path relative to the manifest.
        let executable: String
        /// MB, 128 to 10,240 as in Lambda.
        let memorySize: Int
        /// Seconds, 1 to 900 as in Lambda.
        let timeout: Int
        /// Execution environments at most, 0 to 1,000.
        let reservedConcurrency: Int
        let environment: [String: String]
        /// A folder relative to the manifest, `/opt` to the function; its `extensions` are started beside it.
        let layer: String?
        /// What few functions need beside; as Lambda has it where it is not given.
        let settings: FunctionSettings
        let eventSources: [EventSource]
        /// A name from `queues`.
        let deadLetterQueue: String?
    }

    /// A table's stream, or a queue, whose records a function gets.
    struct EventSource: Sendable {
        enum Kind: Sendable, Equatable {
            case table(String)
            case queue(String)
        }
        let kind: Kind
        /// Members of CreateEventSourceMapping, in AWS's spelling.
        let settings: JSONObject
    }

    struct Bucket: Sendable {
        let name: String
        let cors: [CORSRule]
        let website: Website?
        /// Functions that are told of what happens to its objects.
        let notifications: [ObjectsService.NotificationInput]
        let lifecycle: [ObjectsService.LifecycleInput]
    }

    /// Makes a bucket a public web site.
    struct Website: Sendable {
        /// What the paths of folders end in.
        let index: String
        /// The key of the page for errors.
        let error: String?
    }

    /// One rule of a bucket's CORS configuration.
    struct CORSRule: Sendable {
        let allowedOrigins: [String]
        let allowedMethods: [String]
        let allowedHeaders: [String]
        let exposeHeaders: [String]
        let maxAgeSeconds: Int?
    }

    /// An HTTP API, with what its logs are to hold beside what the gateway has to know.
    struct HTTPAPIDeclaration: Sendable {
        var id = "mumblelocal"
        var routes: [HTTPAPIRoute] = []
        var cors: CORSConfiguration?
        var authorizers: [String: HTTPAPIAuthorizer] = [:]
        var stages: [(stage: HTTPAPIStage, log: AccessLogDeclaration?)] = []
        var isEndpointDisabled = false
    }

    /// `accessLog` of a stage of any kind of API.
    struct AccessLogDeclaration: Sendable {
        let format: AccessLogFormat
        /// Relative to the manifest; nil for one in the data folder.
        let file: String?
    }

    let path: String
    /// All of it as it stands in the file, for what is made of the manifest as a whole.
    let source: [UInt8]
    let document: JSONValue
    let service: String
    let region: String
    let accountID: String
    let credentials: Credentials
    let environment: [String: String]
    /// Names of variables that functions get from the emulator's own environment when they are set there.
    let passEnvironment: [String]
    let functions: [Function]
    let httpAPI: HTTPAPIDeclaration?
    let restAPI: RESTAPIConfiguration?
    /// Of the REST API's stages.
    let restAccessLogs: [String: AccessLogDeclaration]
    /// How HTTP backends of all APIs are treated.
    let backends: [BackendPolicy]
    let webSocketAPI: WebSocketConfiguration?
    /// The access logs of its stages, by their names.
    let webSocketLogs: [String: AccessLogDeclaration]
    /// Of all APIs together; nil for no such limit.
    let accountThrottling: ThrottlingLimits?
    /// CreateTable inputs, each with optional `TimeToLive` and `PointInTimeRecovery` beside AWS's own members.
    let tables: [JSONObject]
    let buckets: [Bucket]
    /// Queues inside of the emulator.
    let queues: [String: QueueSettings]
    let schedules: [Schedule]

    var directory: String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Of the HTTP API.
    var routes: [HTTPAPIRoute] { httpAPI?.routes ?? [] }
    var cors: CORSConfiguration? { httpAPI?.cors }

    func function(_ name: String) -> Function? { functions.first { $0.name == name } }
}

/// A mistake in the manifest: where it is, what it is and how to mend it.
struct ManifestError: Error, CustomStringConvertible {
    let file: String
    let line: Int?
    let field: String
    let problem: String

    var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return field.isEmpty ? "\(place): \(problem)" : "\(place): '\(field)' \(problem)"
    }
}
