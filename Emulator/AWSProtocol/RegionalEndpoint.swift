import HTTPTypes

/// S3 has an endpoint for each region, and here all of them have one address: where the host names no region, the
/// signature's scope alone tells which one the client means.
extension HTTPRequest {
    /// Whether a request signed for any region can be served: it is about buckets that are yet to be made, or
    /// about all there are. Whatever is about one bucket has to be signed for this endpoint's own region.
    var isForTheEndpointOfItsScope: Bool {
        guard method == "GET" && path == "/" || method == "PUT" else { return false }
        let host = headers["Host"] ?? ""
        if VirtualHost.region(ofHost: host) != nil { return false }
        switch VirtualHost(host: host) {
        case .website: return false
        case .bucket: return method == "PUT" && path == "/" && hasNoParameters
        case .service:
            if method == "GET" { return true }
            let name = path.utf8.dropFirst()
            return !name.isEmpty && hasNoParameters
                && name.firstIndex(of: UInt8(ascii: "/")).map { name.index(after: $0) == name.endIndex }
                    ?? true
        }
    }

    /// But for those of a presigned URL, and the hint that some clients add.
    private var hasNoParameters: Bool {
        rawQuery.split(separator: "&").allSatisfy {
            let name = $0.prefix { $0 != "=" }.lowercased()
            return name == "x-id" || name.hasPrefix("x-amz-")
        }
    }
}

extension VirtualHost {
    /// The region that a host of S3 names, such as `s3.eu-west-1.amazonaws.com` does.
    static func region(ofHost host: String) -> String? {
        guard let name = nameBeforeEnding(host), known(name) != nil else { return nil }
        let last = name.split(separator: ".").last ?? ""
        for prefix in ["s3-website-", "s3-", ""] where last.hasPrefix(prefix) {
            let region = last.dropFirst(prefix.utf8.count)
            if isRegion(region) { return String(region) }
        }
        return nil
    }

    /// Whether the host is S3's own and nobody's bucket, such as `s3.amazonaws.com` or `s3.localhost`.
    public static func isEndpoint(_ host: String) -> Bool {
        nameBeforeEnding(host).map { known($0) } == .service
    }

    private static func nameBeforeEnding(_ host: String) -> Substring? {
        let name = host.prefix { $0 != ":" }.lowercased()
        for ending in [".amazonaws.com", ".amazonaws.com.cn", ".localhost"] where name.hasSuffix(ending) {
            return name.dropLast(ending.utf8.count)
        }
        return nil
    }
}
