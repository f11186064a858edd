import Bytes
import Digests
import HTTPTypes

/// The opening handshake of RFC 6455, section 4.2, as values.
struct WebSocketHandshake {
    /// The 16 bytes of the client, still in Base64.
    let key: String
    /// Offered by the client, in its order.
    let subprotocols: [String]

    /// What the handshake answers in place of 101.
    struct Refusal: Error, Equatable {
        let status: Int
        let message: String
        var headers: [String: String] = [:]
    }

    /// Whether a request asks for WebSocket at all.
    static func isAsked(by request: HTTPRequest) -> Bool {
        request.headers["upgrade"].map { tokens([$0]).contains { HTTPHeaders.sameName($0, "websocket") } }
            ?? false
    }

    init(_ request: HTTPRequest) throws(Refusal) {
        guard Self.isAsked(by: request) else {
            throw Refusal(
                status: 426, message: "Upgrade Required",
                headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
        }
        guard request.method == "GET",
            Self.tokens(request.headers.values("connection")).contains(where: {
                HTTPHeaders.sameName($0, "upgrade")
            })
        else { throw Self.badRequest }
        guard request.headers.values("sec-websocket-version") == ["13"] else {
            throw Refusal(
                status: 426, message: "Upgrade Required",
                headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
        }
        let keys = request.headers.values("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, Base64.decode(key)?.count == 16 else {
            throw Self.badRequest
        }
        guard request.body.length == 0 else { throw Self.badRequest }
        self.key = key
        subprotocols = Self.tokens(request.headers.values("sec-websocket-protocol"))
    }

    private static let badRequest = Refusal(status: 400, message: "Bad Request")

    /// `Sec-WebSocket-Accept`: proof that the key was read.
    static func accept(_ key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    /// The answer that opens the connection. Extensions are never accepted, compression among them.
    /// - Parameter subprotocol: what the function of `$connect` chose.
    func answer(subprotocol: String?, body: HTTPBody) -> HTTPResponse {
        var headers: HTTPHeaders = ["Upgrade": "websocket", "Sec-WebSocket-Accept": Self.accept(key)]
        if let subprotocol { headers.add("Sec-WebSocket-Protocol", subprotocol) }
        return HTTPResponse(status: 101, headers: headers, body: body)
    }

    /// The items of lists with commas.
    private static func tokens(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { item in
            var item = item
            while item.first == " " || item.first == "\t" { item.removeFirst() }
            while item.last == " " || item.last == "\t" { item.removeLast() }
            return String(item)
        }.filter { !$0.isEmpty }
    }
}
