/// The one range of a `Range` header that S3 serves.
enum ByteRange: Sendable, Equatable {
    case firstLast(Int64, Int64)
    case from(Int64)
    /// The last so many bytes.
    case suffix(Int64)

    /// Nil for everything S3 reads over: other units, several ranges, a last before the first.
    init?(_ header: String) {
        guard header.hasPrefix("bytes=") else { return nil }
        let parts = header.dropFirst("bytes=".utf8.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch (Self.number(parts[0]), Self.number(parts[1])) {
        case (let first?, let last?):
            guard first <= last else { return nil }
            self = .firstLast(first, last)
        case (let first?, nil) where parts[1].isEmpty: self = .from(first)
        case (nil, let count?) where parts[0].isEmpty: self = .suffix(count)
        default: return nil
        }
    }

    /// The bytes of an object of `size` bytes, or nil when there are none.
    func resolved(size: Int64) -> Range<Int64>? {
        let range: Range<Int64> =
            switch self {
            case .firstLast(let first, let last):
                first < size ? first..<min(last, size - 1) + 1 : 0..<0
            case .from(let first): first < size ? first..<size : 0..<0
            case .suffix(let count): size - min(count, size)..<size
            }
        return range.isEmpty ? nil : range
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // More digits than fit is farther than any object reaches.
        return Int64(text) ?? Int64.max - 1
    }
}
