import Gateway

/// Which route of which API a request or a message would take.
struct RouteQuestion {
    struct Answer {
        let api: String
        /// nil when no route takes it.
        let route: String?
        /// The function's name, or whatever else is behind the route.
        let target: String?
        /// For people.
        let why: String
    }

    private let manifest: Manifest
    private let api: APIModel
    private let text: String

    /// - Parameters:
    ///   - text: `METHOD /path`, a message, `$connect` or `$disconnect`.
    ///   - api: the API's id; nil asks the one that answers what names none.
    init(_ text: String, of manifest: Manifest, api id: String?) throws(CommandFailure) {
        self.manifest = manifest
        self.text = text
        let apis = manifest.apis
        if let id {
            guard let named = apis.first(where: { $0.id == id }) else {
                let known = apis.map(\.id).joined(separator: ", ")
                throw CommandFailure(.usage, "--api: there is no API '\(id)'; the manifest has: \(known).")
            }
            api = named
        } else {
            let isRequest = Self.request(text) != nil
            let usual = apis.first { ($0.kind != .webSocket) == isRequest } ?? apis.first
            guard let usual else {
                throw CommandFailure(.usage, "--match: the manifest declares no API.")
            }
            api = usual
        }
        if api.kind != .webSocket, Self.request(text) == nil {
            throw CommandFailure(.usage, "--match wants a method and a path: --match 'GET /api/v1/health'.")
        }
    }

    /// Method and path, where the text is both.
    private static func request(_ text: String) -> (method: String, path: String)? {
        let parts = text.split(separator: " ").map(String.init)
        return parts.count == 2 && parts[1].hasPrefix("/") ? (parts[0], parts[1]) : nil
    }

    func answer() throws -> Answer {
        switch api.kind {
        case .webSocket: return ofMessage()
        case .http, .rest: return try ofRequest()
        }
    }

    private func ofMessage() -> Answer {
        let key: String?
        let selection = manifest.webSocketAPI?.selection
        switch text {
        case "$connect", "$disconnect": key = text
        default:
            // The connection's own routes cannot be asked for by a message.
            key = selection?.key(of: Array(text.utf8)).flatMap { $0.hasPrefix("$") ? nil : $0 }
        }
        let expression = selection?.text ?? ""
        if let key, let route = api.routes.first(where: { $0.key == key }) {
            let reason =
                key.hasPrefix("$") ? "it is the connection's own route" : "\(expression) gives \(key)"
            return answer(route, because: reason)
        }
        let reason =
            key.map { "\(expression) gives \($0), which is no route" } ?? "\(expression) gives nothing"
        if !text.hasPrefix("$c"), !text.hasPrefix("$d") || text == "$default",
            let route = api.routes.first(where: { $0.key == "$default" })
        {
            return answer(route, because: "\(reason), and $default takes the rest")
        }
        let consequence =
            text.hasPrefix("$")
            ? "nothing is called." : "the client is told {\"message\": \"Forbidden\"}. Here \(reason)."
        return Answer(api: api.id, route: nil, target: nil, why: "No route: \(consequence)")
    }

    private func answer(_ route: APIModel.Route, because reason: String) -> Answer {
        Answer(
            api: api.id, route: route.key, target: route.target.text,
            why: "\(route.key) -> \(route.target.text)\n  because \(reason)")
    }

    private func ofRequest() throws -> Answer {
        guard let (name, asked) = Self.request(text) else {
            return Answer(api: api.id, route: nil, target: nil, why: "No route.")
        }
        guard let path = withoutStage(asked) else {
            let stages = api.stages.map { "/\($0.name)" }.joined(separator: ", ")
            let refusal = api.kind == .rest ? "403 {\"message\":\"Forbidden\"}" : Self.notFound
            return Answer(
                api: api.id, route: nil, target: nil,
                why: "No stage: a path of this API begins with one of \(stages); "
                    + "\(asked) is answered with \(refusal).")
        }
        let method = name.uppercased()
        let routes = api.routes.map { HTTPAPIRoute(key: $0.key, function: $0.target.text) }
        let table = try RouteTable(routes: routes)
        let match = table.match(method: method, path: path)
        return Answer(
            api: api.id, route: match?.route.key, target: match?.route.function,
            why: table.explain(
                method: method, path: path,
                refusal: api.kind == .rest
                    ? "403 {\"message\":\"Missing Authentication Token\"}" : Self.notFound))
    }

    private static let notFound = "404 {\"message\":\"Not Found\"}"

    /// The path as routes know it: those of a REST API are asked for behind a stage, those of an HTTP API where it has
    /// one of that name. nil when there is no such stage.
    private func withoutStage(_ path: String) -> String? {
        let segments = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard segments.count > 1, api.stages.contains(where: { $0.name == segments[1] }) else {
            return api.kind == .http && api.stages.contains { $0.name == "$default" } ? path : nil
        }
        let rest = "/" + (segments.count > 2 ? segments[2] : "")
        return api.kind == .rest ? RESTAPI.routePath(rest) : rest
    }
}
