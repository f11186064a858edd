/// Host names of S3 (Amazon S3 User Guide, "Virtual hosting of buckets" and "Website endpoints"): a bucket may
/// stand in the host name instead of the path, and a website has hosts of its own. Both a request's meaning and
/// its signature depend on it.
public enum VirtualHost: Sendable, Equatable {
    /// The path begins with the bucket, or the request is about the service.
    case service
    /// The whole path is a key of this bucket.
    case bucket(String)
    /// The whole path is a page of this bucket's website: only GET and HEAD, without signatures.
    case website(String)

    /// Reads the `Host` of a request, with or without port, in any case. Known endings are `.amazonaws.com` (with
    /// `.cn`) and `.localhost`; before them `s3`, `s3.REGION`, `s3.dualstack.REGION`, the older `s3-REGION`, and
    /// `s3-website.REGION` or `s3-website-REGION` for websites. Before `.localhost` also nothing or `s3-website`.
    public init(host: String) {
        // Nearly all requests go to a plain name or to an address of digits.
        guard Self.mayNameBucket(host) else {
            self = .service
            return
        }
        var name = String(Substring(host.utf8.prefix { $0 != UInt8(ascii: ":") })).lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        for ending in [".amazonaws.com", ".amazonaws.com.cn"] where name.hasSuffix(ending) {
            self = Self.known(name.dropLast(ending.utf8.count)) ?? .service
            return
        }
        guard name.hasSuffix(".localhost") else {
            self = .service
            return
        }
        let rest = name.dropLast(".localhost".utf8.count)
        self = Self.known(rest) ?? (rest == "s3" ? .service : .bucket(String(rest)))
    }

    /// Whether the name, without its port, has several labels and is no address.
    private static func mayNameBucket(_ host: String) -> Bool {
        var host = host
        return host.withUTF8 { mayNameBucket(UnsafeRawBufferPointer($0)) }
    }

    static func mayNameBucket(_ host: UnsafeRawBufferPointer) -> Bool {
        var hasDot = false
        var last: UInt8 = 0
        for byte in host {
            if byte == UInt8(ascii: ":") { break }
            if byte == UInt8(ascii: ".") { hasDot = true }
            last = byte
        }
        return hasDot && (last >= 0x41 || last == UInt8(ascii: "."))
    }

    /// The bucket of a virtual-host style name: what stands before the known ending, dots included.
    /// Nil when the host names no bucket.
    public static func bucket(ofHost host: String) -> String? {
        switch VirtualHost(host: host) {
        case .service: nil
        case .bucket(let bucket), .website(let bucket): bucket
        }
    }

    /// Nil when the part before the ending does not name S3. A bucket may have labels that look like S3's own,
    /// so the name is read from its end.
    static func known(_ name: Substring) -> VirtualHost? {
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        guard let last = labels.last else { return nil }
        if !isService(last) {
            guard isRegion(last) || last == "dualstack" else { return nil }
            labels.removeLast()
            if labels.last == "dualstack" { labels.removeLast() }
        }
        guard let service = labels.popLast(), isService(service) else { return nil }
        let bucket = labels.joined(separator: ".")
        if bucket.isEmpty { return .service }
        return service.hasPrefix("s3-website") ? .website(bucket) : .bucket(bucket)
    }

    private static func isService(_ label: Substring) -> Bool {
        if ["s3", "s3-website", "s3-fips", "s3-accelerate", "s3-external-1"].contains(label) { return true }
        for prefix in ["s3-website-", "s3-"] where label.hasPrefix(prefix) {
            if isRegion(label.dropFirst(prefix.utf8.count)) { return true }
        }
        return false
    }

    /// Two letters, words and a number: `eu-west-1`, `us-gov-east-1`.
    static func isRegion(_ label: Substring) -> Bool {
        let words = label.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count >= 3, let first = words.first, let last = words.last else { return false }
        return first.utf8.count == 2 && !last.isEmpty && last.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
