import Bytes

/// The route that answers a request, with the values of its path variables, percent-decoded.
public struct RouteMatch: Sendable, Equatable {
    public let route: HTTPAPIRoute
    public let pathParameters: [String: String]
}

/// All routes of an API, frozen. Selection follows "Routing API requests" of the HTTP API developer guide:
/// a full match, then the greedy route with the longest prefix, then `$default`; a literal segment beats a
/// variable, a method beats `ANY`.
public struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let route: HTTPAPIRoute
        /// Names of the variables in path order.
        let names: [String]
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var variable: Int?
        /// Routes that end here, by method.
        var entries: [String: Entry] = [:]
        /// Routes that take everything below here, by method.
        var greedy: [String: Entry] = [:]
    }

    private var nodes = [Node()]
    private var fallback: HTTPAPIRoute?
    /// Routes without variables, by path and method: no other route comes before one of these.
    private var plain: [String: [String: HTTPAPIRoute]] = [:]
    public private(set) var routes: [HTTPAPIRoute] = []

    /// - Throws: `RouteError` for a key that is no route key, and for two routes that no request could tell apart.
    public init(routes: [HTTPAPIRoute]) throws(RouteError) {
        self.routes.reserveCapacity(routes.count)
        for route in routes { try add(route) }
    }

    /// Adds one more route.
    ///
    /// - Throws: as `init` does; the table is then as it was.
    public mutating func add(_ route: HTTPAPIRoute) throws(RouteError) {
        try add(route, RouteKey(route.key))
        routes.append(route)
    }

    private mutating func add(_ route: HTTPAPIRoute, _ key: RouteKey) throws(RouteError) {
        guard let segments = key.segments else {
            if let fallback { throw Self.clash(fallback, route) }
            fallback = route
            return
        }
        var position = 0
        var isGreedy = false
        for segment in segments {
            switch segment {
            case .literal(let text): position = child(of: position, literal: text)
            case .variable: position = variableChild(of: position)
            case .greedy: isGreedy = true
            }
        }
        let existing = isGreedy ? nodes[position].greedy[key.method] : nodes[position].entries[key.method]
        if let existing { throw Self.clash(existing.route, route) }
        let entry = Entry(route: route, names: segments.compactMap(\.name))
        if isGreedy {
            nodes[position].greedy[key.method] = entry
        } else {
            nodes[position].entries[key.method] = entry
            if entry.names.isEmpty { plain[segments.map(\.shape).joined(), default: [:]][key.method] = route }
        }
    }

    private static func clash(_ first: HTTPAPIRoute, _ second: HTTPAPIRoute) -> RouteError {
        RouteError(
            description:
                "'\(second.key)' clashes with '\(first.key)': no request can tell them apart; remove one.")
    }

    private mutating func child(of position: Int, literal: String) -> Int {
        if let existing = nodes[position].literals[literal] { return existing }
        nodes.append(Node())
        nodes[position].literals[literal] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func variableChild(of position: Int) -> Int {
        if let existing = nodes[position].variable { return existing }
        nodes.append(Node())
        nodes[position].variable = nodes.count - 1
        return nodes.count - 1
    }

    /// The route for a request.
    ///
    /// - Parameter path: the raw path, as on the wire; each segment is decoded by itself, so `%2F` stays inside.
    public func match(method: String, path: String) -> RouteMatch? {
        if let route = plain[path]?[method], !path.utf8.contains(UInt8(ascii: "%")) {
            return RouteMatch(route: route, pathParameters: [:])
        }
        let segments = Self.segments(of: path)
        if let found = full(0, segments[...], method, values: [])
            ?? greedy(0, segments[...], method, values: [])
        {
            let pairs = zip(found.entry.names, found.values)
            return RouteMatch(
                route: found.entry.route, pathParameters: Dictionary(pairs, uniquingKeysWith: { $1 }))
        }
        return fallback.map { RouteMatch(route: $0, pathParameters: [:]) }
    }

    static func segments(of path: String) -> [String] {
        let slash = UInt8(ascii: "/")
        let raw = path.utf8.first == slash ? path.utf8.dropFirst() : path.utf8[...]
        return raw.split(separator: slash, omittingEmptySubsequences: false).map {
            let segment = String(Substring($0))
            return PercentEncoding.decode(segment) ?? segment
        }
    }

    private typealias Found = (entry: Entry, values: [String])

    /// `values` is passed by value: what a failed branch collected is gone with it.
    private func full(_ position: Int, _ rest: ArraySlice<String>, _ method: String, values: [String])
        -> Found?
    {
        let node = nodes[position]
        guard let segment = rest.first else {
            return (node.entries[method] ?? node.entries["ANY"]).map { ($0, values) }
        }
        if let next = node.literals[segment],
            let found = full(next, rest.dropFirst(), method, values: values)
        {
            return found
        }
        guard let next = node.variable, !segment.isEmpty else { return nil }
        return full(next, rest.dropFirst(), method, values: values + [segment])
    }

    /// Deepest first: the longest prefix wins, and in it literals before variables.
    private func greedy(_ position: Int, _ rest: ArraySlice<String>, _ method: String, values: [String])
        -> Found?
    {
        let node = nodes[position]
        guard let segment = rest.first else { return nil }
        if let next = node.literals[segment],
            let found = greedy(next, rest.dropFirst(), method, values: values)
        {
            return found
        }
        if let next = node.variable, !segment.isEmpty,
            let found = greedy(next, rest.dropFirst(), method, values: values + [segment])
        {
            return found
        }
        let remainder = rest.joined(separator: "/")
        guard !remainder.isEmpty else { return nil }
        return (node.greedy[method] ?? node.greedy["ANY"]).map { ($0, values + [remainder]) }
    }
}

extension RouteTable {
    /// One or more lines that say which route answers a request and why, for people.
    ///
    /// - Parameter refusal: the answer when none does.
    public func explain(
        method: String, path: String, refusal: String = "404 {\"message\":\"Not Found\"}"
    ) -> String {
        guard let match = match(method: method, path: path) else {
            return "No route: \(method) \(path) is answered with \(refusal). "
                + othersOn(path)
        }
        var lines = ["\(match.route.key) -> \(match.route.function)"]
        lines.append("  because \(reason(for: match.route, method: method))")
        for (name, value) in match.pathParameters.sorted(by: { $0.key < $1.key }) {
            lines.append("  {\(name)} = \(value)")
        }
        return lines.joined(separator: "\n")
    }

    private func reason(for route: HTTPAPIRoute, method: String) -> String {
        if route.key == "$default" { return "no other route matches, and $default takes the rest" }
        let byMethod = route.key.hasPrefix("ANY ") ? "ANY takes \(method)" : "the method is named"
        if route.key.hasSuffix("+}") {
            return "no full match exists, its prefix is the longest, and \(byMethod)"
        }
        return route.key.contains("{")
            ? "every segment matches, no route with more literal segments does, and \(byMethod)"
            : "every segment is literal and matches, and \(byMethod)"
    }

    private func othersOn(_ path: String) -> String {
        let others = RouteKey.methods.sorted().filter {
            $0 != "ANY" && self.match(method: $0, path: path) != nil
        }
        return others.isEmpty ? "" : "This path has routes for \(others.joined(separator: ", "))."
    }
}
