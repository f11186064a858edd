import Bytes
import JSON

/// What a function behind a WebSocket route answered: the same proxy shape as that of a REST API, of which any other
/// member makes an error.
struct ProxyReply: Sendable {
    let status: Int
    /// nil when the function gave none.
    let body: [UInt8]?
    /// The first value of each header, by its name in lower case.
    let headers: [String: String]

    private static let members: Set<String> = [
        "statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies",
    ]

    /// nil when the payload has not that shape.
    init?(_ payload: [UInt8]) {
        guard let object = (try? JSONValue.parse(payload))?.object, !object.isEmpty,
            object.keys.allSatisfy({ Self.members.contains($0) })
        else { return nil }
        switch object["statusCode"] {
        case nil, .null: status = 200
        case let value?:
            guard let code = value.int ?? value.string.flatMap({ Int($0) }), (100...599).contains(code) else {
                return nil
            }
            status = code
        }
        switch object["body"] {
        case nil, .null: body = nil
        case .string(let text):
            guard object["isBase64Encoded"]?.bool == true else {
                body = text.bytes
                break
            }
            guard let decoded = Base64.decode(text) else { return nil }
            body = decoded
        default: return nil
        }
        var headers: [String: String] = [:]
        for (name, value) in object["multiValueHeaders"]?.object ?? JSONObject() {
            headers[name.lowercased()] = value.array?.first?.string
        }
        for (name, value) in object["headers"]?.object ?? JSONObject() where headers[name.lowercased()] == nil
        {
            headers[name.lowercased()] = value.string
        }
        self.headers = headers
    }
}
