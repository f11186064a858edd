import HTTPTypes

/// The only place where a REST-XML error becomes bytes.
public enum RESTXMLError {
    /// The error document of S3, without namespace and without `Resource`, as recorded answers show.
    /// An answer to HEAD, and one with status 304, has no body.
    public static func response(
        for error: AWSError, request: HTTPRequest, context: AWSContext
    ) -> HTTPResponse {
        var headers = error.headers
        guard request.method != "HEAD", error.status != 304 else {
            return HTTPResponse(status: error.status, headers: headers, body: .empty)
        }
        headers["Content-Type"] = "application/xml"
        var xml = XMLWriter()
        xml.element("Error") { xml in
            xml.text("Code", error.code)
            xml.text("Message", error.message ?? "")
            for (name, value) in error.elements { xml.text(name, value) }
            xml.text("RequestId", context.requestID)
            xml.text("HostId", context.hostID)
        }
        return HTTPResponse(status: error.status, headers: headers, body: .bytes(xml.bytes))
    }
}
