import AWSProtocol
import Bytes
import HTTPTypes
import Store

/// The website endpoint of a bucket: what an unsigned GET or HEAD for a path is answered with (Amazon S3 User
/// Guide, "Hosting a static website using Amazon S3").
struct Website: Sendable {
    let core: ObjectsCore
    let http: HTTPRequest
    let context: AWSContext

    /// Never fails: what goes wrong becomes a page.
    func respond() -> HTTPResponse {
        do {
            let request = try S3Request(http, context)
            switch http.method {
            case "OPTIONS": return try Preflight.run(request, core)
            case "GET", "HEAD": return try answer(request)
            default: throw AWSError.methodNotAllowed(http.method, "OBJECT", allow: "GET, HEAD")
            }
        } catch {
            return WebsitePage.error(ObjectsService.serviceError(error), http, context)
        }
    }

    // MARK: - Steps

    private func answer(_ request: S3Request) throws -> HTTPResponse {
        let bucket = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let tree = PutBucketWebsite.configuration.tree(of: bucket) else {
            throw AWSError.notConfigured(
                "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration",
                bucket: request.bucket)
        }
        let site = WebsiteConfiguration(tree)
        if let redirect = site.redirectAll { return self.redirect(redirect, request.key, prefix: nil) }
        if let response = routed(site, request.key, status: nil) { return response }
        let isFolder = request.key.isEmpty || request.key.last == UInt8(ascii: "/")
        let key = isFolder ? request.key + site.indexSuffix.utf8 : request.key
        do {
            return try page(key, request, http.headers)
        } catch let error as AWSError where error.status == 403 || error.status == 404 {
            if !isFolder, try !exists(key, request) {
                let index = key + [UInt8(ascii: "/")] + site.indexSuffix.utf8
                if try exists(index, request) {
                    let path = PercentEncoding.encode(bytes: key, keeping: .unreservedAndSlash)
                    return WebsitePage.found("/\(path)/", http, context)
                }
            }
            if let response = routed(site, key, status: error.status) { return response }
            return try errorPage(error, site, request)
        }
    }

    /// The answer of the first routing rule that fits.
    private func routed(_ site: WebsiteConfiguration, _ key: [UInt8], status: Int?) -> HTTPResponse? {
        guard let rule = site.rules.first(where: { $0.fits(key, status: status) }) else { return nil }
        return redirect(rule.redirect, key, prefix: rule.prefix)
    }

    private func redirect(
        _ redirect: WebsiteConfiguration.Redirect, _ key: [UInt8], prefix: String?
    ) -> HTTPResponse {
        let location = redirect.location(
            of: key, prefix: prefix, ownHost: http.headers["Host"] ?? "localhost", query: http.rawQuery)
        return HTTPResponse(status: redirect.status, headers: ["Location": location])
    }

    /// The object under a key, as GetObject answers, or the redirect that it holds.
    /// - Parameter headers: of which conditions and ranges count.
    private func page(
        _ key: [UInt8], _ request: S3Request, _ headers: HTTPHeaders
    ) throws -> HTTPResponse {
        let path = "/" + PercentEncoding.encode(bytes: key, keeping: .unreservedAndSlash)
        let plain = HTTPRequest(
            method: http.method, target: path, headers: headers,
            peerAddress: http.peerAddress)
        let request = try S3Request(plain, context)
        try Self.admit(request, core)
        let reading = try ObjectReading.prepare(request, core, withBody: http.method == "GET")
        if let location = reading.headers["x-amz-website-redirect-location"] {
            return HTTPResponse(status: 301, headers: ["Location": location])
        }
        return HTTPResponse(
            status: reading.status, headers: reading.headers, body: reading.body ?? .empty)
    }

    private func exists(_ key: [UInt8], _ request: S3Request) throws -> Bool {
        let versions = Versions(bucket: request.bucket, key: key)
        return try core.store.read { try versions.current(in: $0) } != nil
    }

    /// The site's own page for an error, under the error's status.
    private func errorPage(
        _ error: AWSError, _ site: WebsiteConfiguration, _ request: S3Request
    ) throws -> HTTPResponse {
        guard let key = site.errorKey else { throw error }
        do {
            // What a visitor knows of the page that he asked for says nothing about this one.
            let headers: HTTPHeaders = ["Host": http.headers["Host"] ?? ""]
            var response = try page(Array(key.utf8), request, headers)
            if response.status != 301 { response.status = error.status }
            return response
        } catch let second as AWSError {
            return WebsitePage.error(error, http, context, second: second)
        }
    }
}
