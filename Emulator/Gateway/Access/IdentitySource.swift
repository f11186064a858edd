import Bytes
import HTTPTypes

/// Where an authorizer finds who is asking. HTTP APIs write `$request.header.Authorization`, REST APIs
/// `method.request.header.Authorization`, WebSocket APIs `route.request.header.Authorization`.
public enum IdentitySource: Sendable, Equatable {
    case header(String)
    case queryString(String)
    case context(String)
    case stageVariable(String)

    /// nil for what is no identity source.
    public init?(_ text: String) {
        var rest = text[...]
        for prefix in ["$request.", "method.request.", "route.request.", "$"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
            break
        }
        guard let dot = rest.firstIndex(of: ".") else { return nil }
        let name = String(rest[rest.index(after: dot)...])
        guard !name.isEmpty else { return nil }
        switch rest[..<dot] {
        case "header": self = .header(name)
        case "querystring": self = .queryString(name)
        case "context": self = .context(name)
        case "stageVariables": self = .stageVariable(name)
        default: return nil
        }
    }

    /// The value in a request; nil when it is missing or empty.
    public func value(
        in request: HTTPRequest, context: (String) -> String?, stageVariables: [String: String]
    ) -> String? {
        let value: String? =
            switch self {
            case .header(let name): Self.joined(request.headers.values(name))
            case .queryString(let name):
                Self.joined(Query.parse(request.rawQuery).filter { $0.name == name }.map(\.value))
            case .context(let name): context(name)
            case .stageVariable(let name): stageVariables[name]
            }
        return value?.isEmpty == true ? nil : value
    }

    private static func joined(_ values: [String]) -> String? {
        values.isEmpty ? nil : values.joined(separator: ",")
    }
}
