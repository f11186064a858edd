import HTTPTypes

/// The fields by which each kind of API tells a backend who asks.
public enum ForwardedFields {
    /// An HTTP API's ("Amazon API Gateway important notes"): `Forwarded` beside the older `X-Forwarded-*`, and `Via`.
    public static func httpAPI(_ request: HTTPRequest, traceID: String) -> [(name: String, value: String)] {
        let host = request.headers["host"] ?? "localhost"
        let element = "by=127.0.0.1;for=\(node(request.peerAddress));host=\(quoted(host));proto=http"
        let before = request.headers.values("forwarded")
        return common(request, traceID: traceID) + [
            ("Forwarded", (before + [element]).joined(separator: ",")),
            ("Via", joined(request.headers.values("via"), "HTTP/1.1 AmazonAPIGateway")),
        ]
    }

    /// A REST API's: the API's id, and a user agent of its own when there is none.
    ///
    /// - Parameter headers: those that go to the backend beside.
    public static func restAPI(
        _ request: HTTPRequest, _ headers: HTTPHeaders, apiID: String, traceID: String
    ) -> [(name: String, value: String)] {
        var fields = common(request, traceID: traceID)
        fields.append(("X-Amzn-Apigateway-Api-Id", apiID))
        if !headers.contains("user-agent") {
            fields.append(("User-Agent", "AmazonAPIGateway_\(apiID)"))
        }
        if !headers.contains("accept") { fields.append(("Accept", "application/json")) }
        return fields
    }

    private static func common(
        _ request: HTTPRequest, traceID: String
    ) -> [(name: String, value: String)] {
        let host = request.headers["host"] ?? "localhost"
        var port = "80"
        if let colon = host.utf8.lastIndex(of: 0x3A), host.utf8.last != 0x5D {
            port = String(host[host.utf8.index(after: colon)...])
        }
        return [
            ("X-Forwarded-For", joined(request.headers.values("x-forwarded-for"), request.peerAddress)),
            ("X-Forwarded-Port", port), ("X-Forwarded-Proto", "http"),
            ("X-Amzn-Trace-Id", request.headers["x-amzn-trace-id"] ?? traceID),
        ]
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
        BackendHead.isToken(host) ? host : "\"\(host.filter { $0 != "\"" && $0 != "\\" })\""
    }
}

extension HTTPResponse {
    /// A backend's answer as the gateway passes it on: without what concerned the connection to the backend.
    public var withoutConnectionFields: HTTPResponse {
        HTTPResponse(status: status, headers: BackendHead.passing(headers), body: body)
    }
}
