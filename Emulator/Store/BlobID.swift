import Bytes

/// Names one blob file: 32 lower-case hexadecimal digits, random.
public struct BlobID: Sendable, Hashable {
    public let text: String

    /// A fresh random identifier.
    init() {
        var generator = SystemRandomNumberGenerator()
        let high: UInt64 = generator.next()
        let low: UInt64 = generator.next()
        var bytes: [UInt8] = []
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        text = Hex.encode(bytes)
    }

    /// Accepts only text that `init()` could have made, so that an identifier can never name another path.
    public init?(_ text: String) {
        let hexadecimal = text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard text.utf8.count == 32, hexadecimal else { return nil }
        self.text = text
    }

    /// Where the file lies below the blob folder. Two levels keep each folder small.
    var relativePath: String { "\(folders.first)/\(folders.second)/\(text)" }

    var folders: (first: String, second: String) {
        (String(text.prefix(2)), String(text.dropFirst(2).prefix(2)))
    }
}
