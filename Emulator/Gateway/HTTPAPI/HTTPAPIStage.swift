import HTTPTypes
import JSON

/// A stage of an HTTP API before it runs.
public struct HTTPAPIStage: Sendable {
    /// `$default`, or what stands first in the path.
    public var name: String
    public var variables: [String: String]
    /// `DefaultRouteSettings`: each route has these limits for itself, unless it has its own.
    public var throttling: ThrottlingLimits?
    /// `RouteSettings`, by route key.
    public var routeThrottling: [String: ThrottlingLimits]
    public var accessLog: AccessLog?

    public init(
        name: String = "$default", variables: [String: String] = [:], throttling: ThrottlingLimits? = nil,
        routeThrottling: [String: ThrottlingLimits] = [:], accessLog: AccessLog? = nil
    ) {
        self.name = name
        self.variables = variables
        self.throttling = throttling
        self.routeThrottling = routeThrottling
        self.accessLog = accessLog
    }
}

/// A stage that runs: its buckets and its log.
final class Stage: Sendable {
    let name: String
    let variables: [String: String]
    /// For events; nil without variables.
    let variablesJSON: JSONValue?
    /// By route key: what a route's function is called on this stage, where its name has a stage's variable.
    let functions: [String: String]
    /// By route key; routes without a limit are not in it.
    let throttles: [String: Throttle]
    let log: AccessLog?

    init(_ stage: HTTPAPIStage, routes: [HTTPAPIRoute]) {
        name = stage.name
        variables = stage.variables
        variablesJSON = stage.variables.isEmpty ? nil : .object(JSONObject(sorted: stage.variables))
        log = stage.accessLog
        var functions: [String: String] = [:]
        for route in routes where FunctionName.hasVariables(route.function) {
            functions[route.key] = FunctionName.resolve(route.function, stage.variables) ?? ""
        }
        self.functions = functions
        var throttles: [String: Throttle] = [:]
        for route in routes {
            let limits = stage.routeThrottling[route.key] ?? route.settings?.throttling ?? stage.throttling
            if let limits { throttles[route.key] = Throttle(limits) }
        }
        self.throttles = throttles
    }
}

/// The stages of an API: which one a request is for.
struct StageTable: Sendable {
    private let usual: Stage?
    private let named: [String: Stage]

    init(_ stages: [HTTPAPIStage], routes: [HTTPAPIRoute]) {
        let all = stages.map { Stage($0, routes: routes) }
        usual = all.first { $0.name == "$default" }
        named = Dictionary(
            all.filter { $0.name != "$default" }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func contains(_ name: String) -> Bool { name == "$default" ? usual != nil : named[name] != nil }

    var isLogging: Bool { usual?.log != nil || named.values.contains { $0.log != nil } }

    /// The stage, and the path that routes see when that is not the whole one.
    func select(_ request: HTTPRequest) -> (stage: Stage, path: String?)? {
        guard !named.isEmpty else { return usual.map { ($0, nil) } }
        let path = request.path.utf8
        let rest = path.dropFirst()
        let segment = rest.prefix { $0 != UInt8(ascii: "/") }
        if path.first == UInt8(ascii: "/"), let stage = named[String(Substring(segment))] {
            let behind = String(Substring(rest[segment.endIndex...]))
            return (stage, behind.isEmpty ? "/" : behind)
        }
        return usual.map { ($0, nil) }
    }
}
