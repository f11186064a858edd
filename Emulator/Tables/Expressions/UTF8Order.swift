/// Comparisons by UTF-8 bytes. Swift's own `==` and `<` on strings follow canonical equivalence, under which
/// two different attribute names or values could count as one.
public enum UTF8Order {
    /// Negative, zero or positive, as `memcmp`.
    @inline(__always)
    public static func compare(_ a: String, _ b: String) -> Int {
        let fast = a.utf8.withContiguousStorageIfAvailable { left in
            b.utf8.withContiguousStorageIfAvailable { right in compare(left, right) }
        }
        if let fast, let fast { return fast }
        return compare(Array(a.utf8), Array(b.utf8))
    }

    public static func equal(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && compare(a, b) == 0
    }

    /// Unsigned byte order.
    public static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a.withUnsignedBufferPointers(b) { compare($0, $1) }
    }

    static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        let common = min(a.count, b.count)
        var index = 0
        while index < common {
            let difference = Int(a[index]) - Int(b[index])
            if difference != 0 { return difference }
            index += 1
        }
        return a.count - b.count
    }
}

extension [UInt8] {
    fileprivate func withUnsignedBufferPointers<R>(
        _ other: [UInt8], _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> R
    ) -> R {
        withUnsafeBufferPointer { left in other.withUnsafeBufferPointer { right in body(left, right) } }
    }
}
