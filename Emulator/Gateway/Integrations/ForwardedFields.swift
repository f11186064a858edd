import Bytes
import HTTPTypes

/// The fields by which each kind of API tells a backend who asks.
public enum ForwardedFields {
    /// An HTTP API's ("Amazon API Gateway important notes"): `Forwarded` beside the older `X-Forwarded-*`, and `Via`.
    public static func httpAPI(_ request: HTTPRequest, traceID: String) -> [(name: String, value: String)] {
        let host = request.headers["host"] ?? "localhost"
        var forwarded = ByteBuffer(capacity: 128)
        for before in values(request.headers, "forwarded") {
            forwarded.append(before)
            forwarded.append(0x2C)
        }
        forwarded.append("by=127.0.0.1;for=")
        forwarded.append(node(request.peerAddress))
        forwarded.append(";host=")
        forwarded.append(quoted(host))
        forwarded.append(";proto=http")
        return common(request, host, traceID: traceID) + [
            ("Forwarded", forwarded.withBytes { String(decoding: $0, as: UTF8.self) }),
            ("Via", joined(values(request.headers, "via"), "HTTP/1.1 AmazonAPIGateway")),
        ]
    }

    /// A REST API's: the API's id, and a user agent of its own when there is none.
    ///
    /// - Parameter headers: those that go to the backend beside.
    public static func restAPI(
        _ request: HTTPRequest, _ headers: HTTPHeaders, apiID: String, traceID: String
    ) -> [(name: String, value: String)] {
        var fields = common(request, request.headers["host"] ?? "localhost", traceID: traceID)
        fields.append(("X-Amzn-Apigateway-Api-Id", apiID))
        if !headers.contains("user-agent") {
            fields.append(("User-Agent", "AmazonAPIGateway_\(apiID)"))
        }
        if !headers.contains("accept") { fields.append(("Accept", "application/json")) }
        return fields
    }

    private static func common(
        _ request: HTTPRequest, _ host: String, traceID: String
    ) -> [(name: String, value: String)] {
        [
            ("X-Forwarded-For", request.forwardedFor), ("X-Forwarded-Port", HostName(host).port),
            ("X-Forwarded-Proto", "http"),
            ("X-Amzn-Trace-Id", request.headers["x-amzn-trace-id"] ?? traceID),
        ]
    }

    /// Most requests have none, and that is told without an array.
    private static func values(_ headers: HTTPHeaders, _ name: String) -> [String] {
        headers.contains(name) ? headers.values(name) : []
    }

    private static func joined(_ before: [String], _ last: String) -> String {
        before.isEmpty ? last : (before + [last]).joined(separator: ", ")
    }

    /// RFC 7239, section 6: IPv6 addresses stand in brackets and quotes.
    private static func node(_ address: String) -> String {
        address.utf8.contains(0x3A) ? "\"[\(address)]\"" : address
    }

    /// What is no token stands in quotes (RFC 7239, section 4): a host with a port, and one with characters that
    /// would begin another parameter or element.
    private static func quoted(_ host: String) -> String {
        if FieldSyntax.isToken(host) { return host }
        let isPlain = !host.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        return "\"" + (isPlain ? host : host.filter { $0 != "\"" && $0 != "\\" }) + "\""
    }
}

extension HTTPResponse {
    /// A backend's answer as the gateway passes it on: without what concerned the connection to the backend.
    public var withoutConnectionFields: HTTPResponse {
        HTTPResponse(status: status, headers: BackendHead.passing(headers), body: body)
    }
}
