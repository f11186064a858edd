import Bytes
import HTTPClient

/// Where an HTTP-proxy route passes requests to: a URL in which `{name}` stands for a path variable and
/// `${stageVariables.name}` for a stage's.
public struct HTTPProxyTarget: Sendable {
    private enum Part: Sendable {
        case literal(String)
        case pathParameter(String)
        case stageVariable(String)
    }

    private let parts: [Part]

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
        // A number may stand for a host, for a port and in a path.
        guard url(path: { _ in "1" }, stage: { _ in "1" }) != nil else { return nil }
    }

    /// nil when a variable's value makes no URL of it, or is missing.
    func url(path: (String) -> String?, stage: (String) -> String?) -> URLParts? {
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
        return URLParts(text)
    }
}
