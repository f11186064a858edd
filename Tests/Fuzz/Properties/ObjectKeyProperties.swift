import Bytes
import Objects

/// What holds for the addresses of objects and for the keys under which they are stored.
public enum ObjectKeyProperties {
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false).map(
            Array.init)
        let path = String(utf8: lines[0])
        try checkAddress(path)
        guard lines.count > 1 else { return }
        try checkOrder(lines[0], lines[1], order: UInt64(bytes.count))
    }

    /// A path names at most one bucket and key, and the key's own encoding names them again.
    private static func checkAddress(_ path: String) throws(PropertyFailure) {
        guard let address = Address(host: "localhost:4566", path: "/" + path) else { return }
        guard let bucket = address.bucket else {
            try require(path.isEmpty || address.key == nil, "a key without a bucket: \(path)")
            return
        }
        let key = address.key ?? []
        try require(String(validating: key, as: UTF8.self) != nil, "a key that is not UTF-8: \(path)")
        for keep in [PercentEncoding.Keep.unreserved, .unreservedAndSlash] {
            let text = PercentEncoding.encode(bytes: key, keeping: keep)
            let again = Address(host: "127.0.0.1", path: "/\(PercentEncoding.encode(bucket))/\(text)")
            try require(again?.bucket.map(\.bytes) == bucket.bytes, "another bucket: \(path)")
            try require(again?.key == address.key, "another key: \(path)")
            let virtual = Address(host: "b.s3.localhost", path: "/\(text)")
            try require(virtual?.key == address.key, "another key at the bucket's host: \(path)")
            try require(virtual?.bucket == "b", "another bucket by its host: \(path)")
        }
    }

    /// Objects are stored in the order of their keys' bytes, versions of one key together, buckets apart.
    private static func checkOrder(_ a: [UInt8], _ b: [UInt8], order: UInt64) throws(PropertyFailure) {
        let (a, b) = (a.filter { $0 != 0 }, b.filter { $0 != 0 })
        let (x, y) = (StorageKeys.object("bucket", a), StorageKeys.object("bucket", b))
        try require(
            x.lexicographicallyPrecedes(y) == a.lexicographicallyPrecedes(b),
            "objects order otherwise: \(a), \(b)")
        try require((x == y) == (a == b), "one place for two keys: \(a), \(b)")
        try require(
            !x.starts(with: StorageKeys.objectPrefix("bucke"))
                && !x.starts(with: StorageKeys.objectPrefix("buckets")),
            "an object in another bucket: \(a)")
        let version = StorageKeys.version("bucket", a, order: order)
        let older = StorageKeys.version("bucket", a, order: order &- 1)
        try require(
            order == 0 || version.lexicographicallyPrecedes(older), "an older version comes first: \(a)")
        try require(
            StorageKeys.key(ofVersion: version, prefix: StorageKeys.versionPrefix("bucket")) == a,
            "another key out of a version: \(a)")
        try require(
            a == b || !version.starts(with: StorageKeys.versions(of: "bucket", b)),
            "a version among those of another key: \(a), \(b)")
        let other = StorageKeys.version("bucket", b, order: order / 2)
        try require(
            a == b || version.lexicographicallyPrecedes(other) == a.lexicographicallyPrecedes(b),
            "versions order otherwise: \(a), \(b)")
    }
}
