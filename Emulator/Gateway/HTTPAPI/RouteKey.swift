/// A route of the manifest before it is checked: its key as AWS spells it, and the function behind it.
public struct HTTPAPIRoute: Sendable, Equatable {
    /// `GET /api/v1/health`, `ANY /{proxy+}` or `$default`.
    public let key: String
    /// Empty when requests are passed to `settings.url` instead.
    public let function: String
    /// nil for a route with nothing else.
    public let settings: RouteSettings?
    /// The variable of `/{name+}`, if the key ends so.
    let greedyVariable: String?

    public init(key: String, function: String, settings: RouteSettings? = nil) {
        self.key = key
        self.function = function
        self.settings = settings
        greedyVariable = RouteKey.greedyVariable(of: key)
    }

    public static func == (a: HTTPAPIRoute, b: HTTPAPIRoute) -> Bool {
        a.key == b.key && a.function == b.function && a.settings === b.settings
    }

}

/// Why a route table cannot be built. The text names the routes and the remedy.
public struct RouteError: Error, Equatable, CustomStringConvertible {
    public let description: String
}

/// A route key taken apart.
struct RouteKey {
    enum Segment: Hashable {
        case literal(String)
        /// `{name}`: exactly one segment.
        case variable(String)
        /// `{name+}`: one segment or more, only at the end.
        case greedy(String)

        /// What decides whether two routes clash: the names of variables do not matter.
        var shape: String {
            switch self {
            case .literal(let text): "/" + text
            case .variable: "/{}"
            case .greedy: "/{+}"
            }
        }
    }

    static let methods: Set<String> = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

    /// `ANY` for any method.
    let method: String
    /// nil for `$default`.
    let segments: [Segment]?

    init(_ key: String) throws(RouteError) {
        if key == "$default" {
            method = "ANY"
            segments = nil
            return
        }
        let parts = key.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.methods.contains(String(parts[0])) else {
            throw RouteError(
                description: "'\(key)' is not a route key; write METHOD /path with a method of "
                    + "\(Self.methods.sorted().joined(separator: ", ")), or $default.")
        }
        guard parts[1].hasPrefix("/") else {
            throw RouteError(description: "the path of '\(key)' has to start with '/'.")
        }
        method = String(parts[0])
        let texts = parts[1].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var segments: [Segment] = []
        var names: Set<String> = []
        for (index, text) in texts.enumerated() {
            let segment = try Self.segment(String(text), in: key)
            if case .greedy = segment, index < texts.count - 1 {
                throw RouteError(description: "'\(key)': '\(text)' may stand only at the end of the path.")
            }
            if let name = segment.name, !names.insert(name).inserted {
                throw RouteError(description: "'\(key)' uses the variable '\(name)' twice; rename one.")
            }
            segments.append(segment)
        }
        self.segments = segments
    }

    /// The name in `{name+}` at the end of a route key.
    static func greedyVariable(of key: String) -> String? {
        guard key.hasSuffix("+}"), let brace = key.lastIndex(of: "{") else { return nil }
        return String(key[key.index(after: brace)...].dropLast(2))
    }

    private static func segment(_ text: String, in key: String) throws(RouteError) -> Segment {
        guard text.contains("{") || text.contains("}") else { return .literal(text) }
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.utf8.count > 2 else {
            throw RouteError(
                description:
                    "'\(key)': a variable has to be a whole segment, as {name} or {name+}, not '\(text)'.")
        }
        var name = text.dropFirst().dropLast()
        let isGreedy = name.hasSuffix("+")
        if isGreedy { name = name.dropLast() }
        guard !name.isEmpty, !name.contains(where: { "{}+".contains($0) }) else {
            throw RouteError(description: "'\(key)': '\(text)' has no proper name between its braces.")
        }
        return isGreedy ? .greedy(String(name)) : .variable(String(name))
    }
}

extension RouteKey.Segment {
    var name: String? {
        switch self {
        case .literal: nil
        case .variable(let name), .greedy(let name): name
        }
    }
}
