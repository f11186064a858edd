import Bytes
import HTTPClient

/// Where an HTTP-proxy route passes requests to: a URL in which `{name}` stands for a path variable and
/// `${stageVariables.name}` for a stage's.
public struct HTTPProxyTarget: Sendable {
    private enum Part: Sendable {
        case literal(String)
        case pathParameter(String)
        case stageVariable(String)

        var hasFragment: Bool { if case .literal(let text) = self { text.contains("#") } else { false } }
    }

    private let parts: [Part]
    /// Scheme, host and port, and what comes behind them, when no variable of a stage stands anywhere: then nothing
    /// has to be read again for each request.
    private let fixed: (origin: URLParts, rest: [Part])?

    /// nil when it makes no http or https URL, whatever the variables stand for.
    public init?(_ template: String) {
        var parts: [Part] = []
        var rest = template[...]
        while let brace = rest.firstIndex(of: "{") {
            var literal = rest[..<brace]
            guard let end = rest[brace...].firstIndex(of: "}") else { return nil }
            let name = rest[rest.index(after: brace)..<end]
            let isStage = literal.last == "$"
            if isStage { literal = literal.dropLast() }
            if !literal.isEmpty { parts.append(.literal(String(literal))) }
            if isStage {
                guard name.hasPrefix("stageVariables.") else { return nil }
                parts.append(.stageVariable(String(name.dropFirst("stageVariables.".count))))
            } else {
                parts.append(.pathParameter(String(name.hasSuffix("+") ? name.dropLast() : name)))
            }
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
        fixed = Self.fixed(parts)
        // A number may stand for a host, for a port and in a path; what a URL begins with has its scheme, too.
        var first: String?
        if case .stageVariable(let name)? = parts.first { first = name }
        let example = try? Self.text(
            parts, { _ in Value("1") }, { $0 == first ? "http://1" : "1" })
        guard example.flatMap({ URLParts($0) }) != nil else { return nil }
    }

    private static func fixed(_ parts: [Part]) -> (origin: URLParts, rest: [Part])? {
        let isStaged = parts.contains { if case .stageVariable = $0 { true } else { false } }
        guard !isStaged, case .literal(let first)? = parts.first, var origin = URLParts(first),
            let colon = first.utf8.firstIndex(of: UInt8(ascii: ":")),
            let slash = first.utf8[colon...].dropFirst(3).firstIndex(of: UInt8(ascii: "/")),
            !first.utf8[..<slash].contains(UInt8(ascii: "?")), !first.contains("#"),
            parts.dropFirst().allSatisfy({ !$0.hasFragment })
        else { return nil }
        (origin.path, origin.query) = ("/", "")
        return (origin, [.literal(String(first[slash...]))] + parts.dropFirst())
    }

    /// What a path variable stands for, decoded.
    struct Value {
        let text: String
        /// Whether its slashes part segments, as those of a greedy variable do. Others are written as `%2F`: they must
        /// not lead out of the segment.
        let isGreedy: Bool

        init(_ text: String, isGreedy: Bool = false) {
            self.text = text
            self.isGreedy = isGreedy
        }

        fileprivate var hasDotSegment: Bool {
            guard isGreedy else { return text == "." || text == ".." }
            return text.split(separator: "/").contains { $0 == "." || $0 == ".." }
        }
    }

    /// Whether a raw path leads out of the folder before it, its slashes and dots encoded or not.
    static func hasDotSegment(_ path: String) -> Bool {
        Value(PercentEncoding.decode(path) ?? path, isGreedy: true).hasDotSegment
    }

    enum Problem: Error {
        /// A variable's value makes no URL of it, or is missing.
        case noURL
        /// A value would lead the backend out of the folder that the URL names.
        case dotSegment
    }

    /// The URL for one request.
    func url(path: (String) -> Value?, stage: (String) -> String?) throws(Problem) -> URLParts {
        guard let fixed else {
            guard let url = URLParts(try Self.text(parts, path, stage)) else { throw .noURL }
            return url
        }
        let text = try Self.text(fixed.rest, path, stage)
        var url = fixed.origin
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            url.path = text
            return url
        }
        url.path = String(text[..<mark])
        url.query = String(text[text.utf8.index(after: mark)...])
        return url
    }

    private static func text(
        _ parts: [Part], _ path: (String) -> Value?, _ stage: (String) -> String?
    ) throws(Problem) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .pathParameter(let name):
                guard let value = path(name) else { throw .noURL }
                guard !value.hasDotSegment else { throw .dotSegment }
                text += PercentEncoding.encode(
                    value.text, keeping: value.isGreedy ? .unreservedAndSlash : .unreserved)
            case .stageVariable(let name):
                guard let value = stage(name) else { throw .noURL }
                text += value
            }
        }
        return text
    }
}
