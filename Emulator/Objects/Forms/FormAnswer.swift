import AWSProtocol
import Bytes
import HTTPTypes

/// How the answer to an accepted form looks, by the form's own wish.
struct FormAnswer {
    var form: PostForm
    /// The object's address as the client would write it.
    var location: String
    var bucket: String
    var key: String
    /// With quotes.
    var etag: String

    /// - Parameter headers: those that every answer to the upload carries.
    func response(_ headers: HTTPHeaders) -> HTTPResponse {
        var headers = headers
        headers["ETag"] = etag
        if let redirect {
            headers["Location"] = redirect
            return HTTPResponse(status: 303, headers: headers)
        }
        headers["Location"] = location
        switch form["success_action_status"] {
        case "200": return HTTPResponse(status: 200, headers: headers)
        case "201":
            headers["Content-Type"] = "application/xml"
            return HTTPResponse(status: 201, headers: headers, body: .bytes(document))
        default: return HTTPResponse(status: 204, headers: headers)
        }
    }

    private var document: [UInt8] {
        var xml = XMLWriter()
        xml.element("PostResponse") { xml in
            xml.text("Location", location)
            xml.text("Bucket", bucket)
            xml.text("Key", key)
            xml.text("ETag", etag)
        }
        return xml.bytes
    }

    /// Nil when the form wishes none, or one that is no web address: then S3 goes on as if it had not been asked.
    private var redirect: String? {
        guard let target = form["success_action_redirect"] ?? form["redirect"], Self.isWebAddress(target)
        else {
            return nil
        }
        let result = [("bucket", bucket), ("key", key), ("etag", etag)].map {
            "\($0)="
                + PercentEncoding.encode($1).split(separator: "%20", omittingEmptySubsequences: false)
                .joined(separator: "+")
        }
        return target + (target.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + result.joined(separator: "&")
    }

    private static func isWebAddress(_ text: String) -> Bool {
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return false }
        let host = lower.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        return !host.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !host.contains(" ")
    }

    /// Scheme, host and path as the request had them; each slash of the key is encoded, as S3 does here.
    static func location(of request: S3Request, key: [UInt8]) -> String {
        let host = request.http.headers["Host"] ?? "localhost"
        let isVirtual = VirtualHost.bucket(ofHost: host) != nil
        let bucket = isVirtual ? "" : "/\(PercentEncoding.encode(request.bucket))"
        return "http://\(host)\(bucket)/\(PercentEncoding.encode(bytes: key))"
    }
}
