import Bytes
import Clock
import HTTPTypes
import JSON

/// An event to handle, as `/next` delivered it.
struct Invocation: Sendable, Equatable {
    var requestID: String
    var functionARN: String
    var traceID: String?
    var deadline: Timestamp
    var clientContext: String?
    var event: [UInt8]
}

/// A failure as Lambda reports it to the invoker.
struct ErrorReport: Sendable, Equatable {
    /// Goes to the header: Lambda keeps `Runtime.X` and `Function.X` with X of ASCII letters only.
    var category: String
    var type: String
    var message: String

    init(_ error: any Error, category: String) {
        self.category = category
        type = String(describing: Swift.type(of: error))
        message = String(describing: error)
    }

    var body: [UInt8] {
        var object = JSONObject()
        object.append("errorMessage", .string(message))
        object.append("errorType", .string(type))
        object.append("stackTrace", .array([]))
        return JSONValue.object(object).encoded()
    }
}

/// What a function process asks of Lambda's Runtime API, version 2018-06-01
/// (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes").
enum ControlPlaneRequest: Sendable, Equatable {
    case next
    case response(requestID: String, body: [UInt8])
    case invocationError(requestID: String, ErrorReport)
    case initError(ErrorReport)

    var method: String { self == .next ? "GET" : "POST" }

    private static let base: StaticString = "/2018-06-01/runtime"

    /// The whole message as it goes over the wire, appended piece by piece: every call of a function passes here.
    func encode(into bytes: inout [UInt8], host: String) {
        bytes.add(self == .next ? "GET " : "POST ")
        bytes.add(Self.base)
        switch self {
        case .next: bytes.add("/invocation/next")
        case .response(let requestID, _): bytes.add("/invocation/", requestID, "/response")
        case .invocationError(let requestID, _): bytes.add("/invocation/", requestID, "/error")
        case .initError: bytes.add("/init/error")
        }
        bytes.add(" HTTP/1.1\r\nHost: ", host, "\r\n")
        switch self {
        case .next:
            bytes.add("User-Agent: mumble-serverless\r\n\r\n")
        case .response(_, let body):
            bytes.add("Content-Type: application/json\r\n")
            bytes.add("Content-Length: ", String(body.count), "\r\n\r\n")
            bytes += body
        case .invocationError(_, let report), .initError(let report):
            let body = report.body
            bytes.add("Content-Type: application/json\r\n")
            bytes.add("Lambda-Runtime-Function-Error-Type: ", report.category, "\r\n")
            bytes.add("Content-Length: ", String(body.count), "\r\n\r\n")
            bytes += body
        }
    }
}

extension [UInt8] {
    fileprivate mutating func add(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func add(_ before: StaticString, _ text: String, _ after: StaticString) {
        add(before)
        append(contentsOf: text.utf8)
        add(after)
    }
}

/// What the Runtime API answered, in terms of what the runtime has to do.
enum ControlPlaneResponse: Sendable, Equatable {
    case invocation(Invocation)
    /// 202
    case accepted
    /// Any 4xx, with the API's own words: the invocation is over, the process may go on.
    case refused(status: Int, reason: String)
    /// 500: the environment is broken and the process has to end.
    case containerError(reason: String)
    /// An answer that the Runtime API never gives.
    case unintelligible(String)

    init(_ response: HTTPResponse, to request: ControlPlaneRequest) {
        let body = response.body.bytes ?? []
        switch response.status {
        case 200 where request == .next:
            self = Self.invocation(response.headers, body)
        case 200...299 where request != .next:
            self = .accepted
        case 400...499:
            self = .refused(status: response.status, reason: String(utf8: body))
        case 500...599:
            self = .containerError(reason: "\(response.status) \(String(utf8: body))")
        default:
            self = .unintelligible("status \(response.status) to \(request.method)")
        }
    }

    private static func invocation(_ headers: HTTPHeaders, _ event: [UInt8]) -> ControlPlaneResponse {
        guard let requestID = headers["Lambda-Runtime-Aws-Request-Id"], !requestID.isEmpty,
            requestID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return .unintelligible("an event without a usable Lambda-Runtime-Aws-Request-Id") }
        guard let deadline = headers["Lambda-Runtime-Deadline-Ms"].flatMap({ Int64($0) }) else {
            return .unintelligible("an event without a usable Lambda-Runtime-Deadline-Ms")
        }
        return .invocation(
            Invocation(
                requestID: requestID, functionARN: headers["Lambda-Runtime-Invoked-Function-Arn"] ?? "",
                traceID: headers["Lambda-Runtime-Trace-Id"],
                deadline: Timestamp(milliseconds: deadline),
                clientContext: headers["Lambda-Runtime-Client-Context"], event: event))
    }
}
