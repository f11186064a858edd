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

    var isPoll: Bool { if case .next = self { true } else { false } }

    var method: String { isPoll ? "GET" : "POST" }

    /// The whole message as it goes over the wire, appended piece by piece: every call of a function passes here.
    func encode(into bytes: inout [UInt8], host: String) {
        switch self {
        case .next:
            bytes.add("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ", host)
            bytes.add("\r\nUser-Agent: mumble-serverless\r\n\r\n")
        case .response(let requestID, let body):
            bytes.reserveCapacity(bytes.count + body.count + 512)
            bytes.add("POST /2018-06-01/runtime/invocation/", requestID)
            bytes.add("/response HTTP/1.1\r\nHost: ", host)
            bytes.add(json: body)
        case .invocationError(let requestID, let report):
            bytes.add("POST /2018-06-01/runtime/invocation/", requestID)
            bytes.add("/error HTTP/1.1\r\nHost: ", host)
            bytes.add(json: report.body, category: report.category)
        case .initError(let report):
            bytes.add("POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: ", host)
            bytes.add(json: report.body, category: report.category)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func add(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func add(_ before: StaticString, _ text: String) {
        add(before)
        append(contentsOf: text.utf8)
    }

    /// What follows the host's name.
    fileprivate mutating func add(json body: [UInt8], category: String? = nil) {
        add("\r\nContent-Type: application/json\r\n")
        if let category {
            add("Lambda-Runtime-Function-Error-Type: ", category)
            add("\r\n")
        }
        add("Content-Length: ", String(body.count))
        add("\r\n\r\n")
        self += body
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
        case 200 where request.isPoll:
            self = Self.invocation(response.headers, body)
        case 200...299 where !request.isPoll:
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
