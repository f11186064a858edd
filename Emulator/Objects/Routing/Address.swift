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
        switch VirtualHost(host: host) {
        case .bucket(let name): bucket = name
        case .website(let name):
            bucket = name
            isWebsite = true
        case .service: break
        }
        var path = path
        guard let parts = path.withUTF8({ Self.parts($0, bucket) }) else { return nil }
        (bucket, key) = parts
    }

    /// - Parameter bucket: that of the host; by default it comes first in the path.
    private static func parts(
        _ path: UnsafeBufferPointer<UInt8>, _ bucket: String?
    ) -> (bucket: String?, key: [UInt8]?)? {
        var bucket = bucket
        var start = path.first == UInt8(ascii: "/") ? 1 : 0
        if bucket == nil {
            guard start < path.count else { return (nil, nil) }
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            bucket = PercentEncoding.decode(String(decoding: path[start..<end], as: UTF8.self))
            guard bucket != nil else { return nil }
            start = min(end + 1, path.count)
        }
        guard let key = decoded(path[start...]) else { return nil }
        return (bucket, key.isEmpty ? nil : key)
    }

    private static func decoded(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8]? {
        // What has no escape is UTF-8 as it is.
        guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
        guard let bytes = PercentEncoding.decodeBytes(String(decoding: text, as: UTF8.self)),
            String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        return bytes
    }
}
