import AWSProtocol
import Bytes
import HTTPTypes

/// The bucket and key that a request names.
struct Address: Sendable, Equatable {
    /// Nil: the request is about the service itself.
    var bucket: String?
    /// Nil: the request is about the bucket. Any bytes that are UTF-8, exactly as the client meant them.
    var key: [UInt8]?

    init(bucket: String?, key: [UInt8]?) {
        self.bucket = bucket
        self.key = key
    }

    /// Reads host and path. The path is decoded once and never normalised: `//`, `./` and `../` are
    /// part of a key. Nil when it holds a broken escape or is not UTF-8.
    init?(host: String, path: String) {
        let rest = path.hasPrefix("/") ? String(path.dropFirst()) : path
        if let bucket = VirtualHost.bucket(ofHost: host) {
            self.bucket = bucket
            guard let key = Self.decoded(rest) else { return nil }
            self.key = key.isEmpty ? nil : key
            return
        }
        guard !rest.isEmpty else { return }
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.utf8.endIndex
        guard let name = PercentEncoding.decode(String(rest[..<slash])) else { return nil }
        bucket = name
        guard slash < rest.utf8.endIndex else { return }
        guard let key = Self.decoded(String(rest[rest.utf8.index(after: slash)...])) else { return nil }
        self.key = key.isEmpty ? nil : key
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        guard let bytes = PercentEncoding.decodeBytes(text),
            String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        return bytes
    }
}
