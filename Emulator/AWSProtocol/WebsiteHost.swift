import HTTPTypes

/// Addresses of static web sites (Amazon S3 User Guide, "Website endpoints").
public enum WebsiteHost {
    /// The bucket whose site the host names, dots included. Nil for every other host.
    public static func bucket(ofHost host: String) -> String? {
        if case .website(let bucket) = VirtualHost(host: host) { bucket } else { nil }
    }
}

extension HTTPRequest {
    /// Whether this goes to a static web site: such requests carry no signature, whatever their headers say.
    public var isForWebsite: Bool {
        // Asked of every request, nearly all of which go to a plain name or an address.
        guard headers.withValue(of: "Host", VirtualHost.mayNameBucket) == true else { return false }
        return headers["Host"].flatMap { WebsiteHost.bucket(ofHost: $0) } != nil
    }
}
