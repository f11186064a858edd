import Bytes
import HTTPTypes

/// The bucket and key that a request names.
struct Address: Sendable, Equatable {
    /// Nil: the request is about the service itself.
    var bucket: String?
    /// Nil: the request is about the bucket. Any bytes that are UTF-8, exactly as the client meant them.
    var key: [UInt8]?

    /// Reads host and path. The path is decoded once and never normalised: `//`, `./` and `../` are
    /// part of a key. Nil when it holds a broken escape or is not UTF-8.
    init?(host: String, path: String) {
        let rest = path.hasPrefix("/") ? String(path.dropFirst()) : path
        if let bucket = Self.bucket(ofHost: host) {
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

    /// The bucket of a virtual-host style name: what stands before the known ending, dots included.
    static func bucket(ofHost host: String) -> String? {
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
