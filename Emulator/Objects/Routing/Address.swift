import AWSProtocol
import Bytes
import HTTPTypes

/// The bucket and key that a request names.
package struct Address: Sendable, Equatable {
    /// Nil: the request is about the service itself.
    package var bucket: String?
    /// Nil: the request is about the bucket. Any bytes that are UTF-8, exactly as the client meant them.
    package var key: [UInt8]?
    /// The host is one of a website, where a path is a page and not just a key.
    var isWebsite = false

    init(bucket: String?, key: [UInt8]?) {
        self.bucket = bucket
        self.key = key
    }

    /// Reads host and path. The path is decoded once and never normalised: `//`, `./` and `../` are
    /// part of a key. Nil when it holds a broken escape or is not UTF-8.
    package init?(host: String, path: String) {
        var rest = path.utf8[...]
        if rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        switch VirtualHost(host: host) {
        case .bucket(let name): bucket = name
        case .website(let name):
            bucket = name
            isWebsite = true
        case .service:
            guard !rest.isEmpty else { return }
            let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            guard let name = PercentEncoding.decode(String(Substring(rest[..<slash]))) else { return nil }
            bucket = name
            rest = rest[slash...].dropFirst()
        }
        guard let key = Self.decoded(rest) else { return nil }
        self.key = key.isEmpty ? nil : key
    }

    private static func decoded(_ text: Substring.UTF8View) -> [UInt8]? {
        // What has no escape is UTF-8 as it is.
        guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
        guard let bytes = PercentEncoding.decodeBytes(String(Substring(text))),
            String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        return bytes
    }
}
