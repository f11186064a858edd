import AWSProtocol
import Bytes
import HTTPTypes
import Net

/// One operation of the Lambda API: where it is found, and what it does.
struct LambdaOperation: Sendable {
    typealias Run =
        @EventLoop @Sendable (LambdaService, LambdaRequest) async throws(AWSError) -> HTTPResponse

    let name: String
    let method: String
    /// The path's segments; `{Name}` takes any one that is not empty.
    let segments: [Segment]
    /// A query item that must be there, such as `find=LayerVersion`: one path, two operations.
    let mark: (name: String, value: String)?
    let run: Run

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    /// - Parameter path: as the service model spells it, such as `/2015-03-31/functions/{FunctionName}`.
    init(_ name: String, _ method: String, _ path: String, run: @escaping Run) {
        self.name = name
        self.method = method
        let halves = path.split(separator: "?", maxSplits: 1)
        segments = halves[0].split(separator: "/").map { part in
            part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
        let item = halves.count > 1 ? halves[1].split(separator: "=") : []
        mark = item.count == 2 ? (String(item[0]), String(item[1])) : nil
        self.run = run
    }

    /// Whether it may change functions and what belongs to them.
    var isChange: Bool { method != "GET" && !Self.invoking.contains { $0.name == name } }

    /// The values of the path's parameters; nil when the path is another operation's.
    /// - Parameter path: its segments, percent-decoded.
    func parameters(in path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var found: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal): guard literal == text else { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                found[name] = text
            }
        }
        return found
    }
}

extension LambdaOperation {
    /// All operations that the emulator offers. Those with a mark come before those without.
    static let all: [LambdaOperation] =
        invoking + functions + versions + aliases + concurrency + provisioned + urls + permissions + tags
        + layers
        + account + asynchronous + eventSources

    private static let invoking = [
        LambdaOperation(
            "InvokeWithResponseStream", "POST",
            "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
            run: InvokeWithResponseStream.run),
        LambdaOperation(
            "InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async", run: InvokeAsync.run),
    ]

    /// A request's path in percent-decoded segments. ARNs come with their slashes encoded or not, so a path of
    /// tags is cut only once.
    static func segments(of path: String) -> [String]? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        if parts.count > 2, parts[1] == "tags" {
            parts = [parts[0], parts[1], parts[2...].joined(separator: "/")]
        }
        var decoded: [String] = []
        for part in parts {
            guard let text = PercentEncoding.decode(part) else { return nil }
            decoded.append(text)
        }
        return decoded
    }

    /// The operation that a request is for.
    static func find(
        _ request: HTTPRequest, context: AWSContext
    ) throws(AWSError) -> (LambdaOperation, LambdaRequest) {
        guard let path = segments(of: request.path) else { throw LambdaError.unknownOperation }
        let query = Query.parse(request.rawQuery, plusIsSpace: false)
        for operation in all where operation.method == request.method {
            guard let parameters = operation.parameters(in: path) else { continue }
            if let mark = operation.mark,
                !query.contains(where: { $0.name == mark.name && $0.value == mark.value })
            {
                continue
            }
            return (operation, LambdaRequest(http: request, context: context, parameters: parameters))
        }
        throw UnsupportedLambdaOperations.error(request.method, path) ?? LambdaError.unknownOperation
    }
}
