import HTTPTypes

extension ServerConnection {
    /// A request as the handler gets it.
    func request(_ head: HTTPRequestHead, _ body: HTTPBody) -> HTTPRequest {
        HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, body: body,
            peerAddress: connection.peerAddress)
    }

    /// The answer to what is no request.
    func response(to error: HTTPParseError) -> HTTPResponse {
        let isLong = error.status == 431 || error.status == 414
        let status = isLong ? server.options.longHeadStatus ?? error.status : error.status
        return HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain"],
            body: .bytes(Array("\(status) \(HTTPResponse.reason(status)): \(error.reason)\n".utf8)))
    }
}
