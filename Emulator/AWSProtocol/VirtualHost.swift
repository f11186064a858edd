/// Virtual-host style addresses of S3 (Amazon S3 User Guide, "Virtual hosting of buckets"): the bucket
/// stands in the host name instead of the path. Both a request's meaning and its signature depend on it.
public enum VirtualHost {
    /// The bucket of a virtual-host style name: what stands before the known ending, dots included.
    /// Nil when the host names no bucket.
    public static func bucket(ofHost host: String) -> String? {
        if let bucket = WebsiteHost.bucket(ofHost: host) { return bucket }
        let name = host.prefix { $0 != ":" }.lowercased()
        for ending in [".s3.localhost", ".localhost"] where name.hasSuffix(ending) {
            let bucket = String(name.dropLast(ending.utf8.count))
            return bucket == "s3" ? nil : bucket
        }
        guard name.hasSuffix(".amazonaws.com") else { return nil }
        let labels = name.split(separator: ".").map(String.init)
        guard let service = labels.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") }), service > 0
        else { return nil }
        return labels[..<service].joined(separator: ".")
    }
}
