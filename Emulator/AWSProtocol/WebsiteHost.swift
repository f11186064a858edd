import HTTPTypes

/// Addresses of static web sites (Amazon S3 User Guide, "Website endpoints"): `BUCKET.s3-website.REGION` and
/// `BUCKET.s3-website-REGION` before the domain; on this machine the region may be left out.
public enum WebsiteHost {
    private static let domains = [".localhost", ".amazonaws.com", ".amazonaws.com.cn"]
    private static let label = "s3-website"

    /// The bucket whose site the host names, dots included. Nil for every other host.
    public static func bucket(ofHost host: String) -> String? {
        let plain = host.prefix { $0 != ":" }
        // Nearly all requests go to a plain name or to an address of digits.
        guard plain.utf8.contains(UInt8(ascii: ".")), plain.utf8.last.map({ $0 >= 0x41 }) == true else {
            return nil
        }
        let name = plain.lowercased()
        guard let domain = domains.first(where: name.hasSuffix) else { return nil }
        var labels = name.dropLast(domain.utf8.count).split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.popLast() else { return nil }
        let isOwn = last == label || last.hasPrefix(label + "-")
        guard isOwn || labels.popLast().map({ $0 == label }) == true else { return nil }
        let bucket = labels.joined(separator: ".")
        return bucket.isEmpty ? nil : bucket
    }
}

extension HTTPRequest {
    /// Whether this goes to a static web site: such requests carry no signature, whatever their headers say.
    public var isForWebsite: Bool { headers["Host"].flatMap { WebsiteHost.bucket(ofHost: $0) } != nil }
}
