import HTTPServer
import HTTPTypes
import JSON
import Net

/// What precedes the body of a streamed answer for HTTP: a JSON document, then eight zero bytes
/// (AWS Lambda Developer Guide, "Building response streaming-enabled functions").
public struct HTTPPrelude: Sendable, Equatable {
    /// 200 when the document does not say.
    public var statusCode: Int
    /// As given; a field with several values comes several times.
    public var headers: HTTPHeaders
    /// Values of `Set-Cookie`.
    public var cookies: [String]

    static let contentType = "application/vnd.awslambda.http-integration-response"
    private static let delimiter = [UInt8](repeating: 0, count: 8)
    /// A document that is longer is none.
    private static let maximumBytes = 1_048_576

    static func isAnnounced(by contentType: String) -> Bool {
        contentType.prefix { $0 != ";" }.lowercased() == Self.contentType
    }

    /// Reads from `body` as far as the zero bytes; what has come behind them is put back.
    @EventLoop static func take(off body: BodyStream) async throws(HTTPPreludeError) -> HTTPPrelude {
        var bytes: [UInt8] = []
        var searched = 0
        while let piece = await body.next() {
            bytes += piece
            if let start = Self.delimiter(in: bytes, from: searched) {
                body.putBack(Array(bytes[(start + delimiter.count)...]))
                return try HTTPPrelude(json: Array(bytes[..<start]))
            }
            guard bytes.count <= maximumBytes else { throw .tooLong }
            searched = max(0, bytes.count - delimiter.count)
        }
        throw .incomplete
    }

    private static func delimiter(in bytes: [UInt8], from start: Int) -> Int? {
        var zeros = 0
        for index in start..<bytes.count {
            zeros = bytes[index] == 0 ? zeros + 1 : 0
            if zeros == delimiter.count { return index + 1 - zeros }
        }
        return nil
    }

    /// A final status: 1xx would leave the client waiting for another.
    init(json: [UInt8]) throws(HTTPPreludeError) {
        guard let document = try? JSONValue.parse(json), let object = document.object else {
            throw .malformed("it is not a JSON object")
        }
        statusCode = 200
        headers = HTTPHeaders()
        cookies = []
        if let status = object["statusCode"], status != .null {
            guard let code = status.number?.int, (200...599).contains(code) else {
                throw .malformed("its statusCode is no HTTP status")
            }
            statusCode = code
        }
        for (name, value) in object["headers"]?.object ?? JSONObject() {
            headers.add(name, Self.text(value))
        }
        for (name, values) in object["multiValueHeaders"]?.object ?? JSONObject() {
            for value in values.array ?? [] { headers.add(name, Self.text(value)) }
        }
        cookies = (object["cookies"]?.array ?? []).compactMap(\.string)
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.encodedString() }
}

/// Why a streamed answer cannot be turned into one of HTTP.
public enum HTTPPreludeError: Error, Sendable, Equatable {
    /// The zero bytes have not come before the answer's end.
    case incomplete
    case tooLong
    case malformed(String)
}
