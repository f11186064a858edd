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
        // A number may stand for a host, for a port and in a path.
        let example = Self.text(parts, { _ in "1" }, { _ in "1" })
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

    /// nil when a variable's value makes no URL of it, or is missing.
    func url(path: (String) -> String?, stage: (String) -> String?) -> URLParts? {
        guard let fixed else { return Self.text(parts, path, stage).flatMap { URLParts($0) } }
        guard let text = Self.text(fixed.rest, path, stage) else { return nil }
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
        _ parts: [Part], _ path: (String) -> String?, _ stage: (String) -> String?
    ) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .pathParameter(let name):
                guard let value = path(name) else { return nil }
                text += PercentEncoding.encode(value, keeping: .unreservedAndSlash)
            case .stageVariable(let name):
                guard let value = stage(name) else { return nil }
                text += value
            }
        }
        return text
    }
}
