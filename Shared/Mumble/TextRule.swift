import Bytes

/// What a text input may look like. The description completes "must be ...".
public struct TextRule: Sendable {
    public let description: String
    let check: @Sendable (String) -> Bool

    public init(_ description: String, _ check: @escaping @Sendable (String) -> Bool) {
        self.description = description
        self.check = check
    }

    public func accepts(_ text: String) -> Bool { check(text) }

    /// Who owns audio and images: part of an index key, so nothing that could leave its key space (`#`).
    public static let userID = TextRule(
        "1 to 64 letters, digits, '.', '_', '-' or '@', not starting with '.'"
    ) {
        isWord($0, maximum: 64, also: "._-@") && !$0.hasPrefix(".")
    }

    /// What is counted, for example an image id.
    public static let resourceID = TextRule(
        "1 to 128 letters, digits, '.', '_', ':' or '-', not starting with '.'"
    ) {
        isWord($0, maximum: 128, also: "._:-") && !$0.hasPrefix(".")
    }

    /// What is counted about it: `like`, `view`, `share`, ...
    public static let counterType = TextRule(
        "1 to 32 lower-case letters, digits or '_', starting with a letter"
    ) {
        $0.utf8.count <= 32 && $0.utf8.first.map(isLowercase) == true
            && $0.utf8.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// An id made by `UUID4`.
    public static let identifier = TextRule("a lower-case UUID") { isIdentifier($0) }

    /// Key of an uploaded recording. Anything else in the bucket is out of reach of the audio routes.
    public static let audioKey = TextRule("an audio key of the form audio/{uuid}.{extension}") {
        AudioKey.identifier(in: $0) != nil
    }

    /// Header `Idempotency-Key`: printable ASCII without blanks, as UUIDs and ULIDs are.
    public static let idempotencyKey = TextRule("1 to 128 printable ASCII characters without blanks") {
        !$0.isEmpty && $0.utf8.count <= 128 && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Text written by a person in any script: no control characters, not only blanks.
    public static func prose(maximum: Int) -> TextRule {
        TextRule("1 to \(maximum) characters without control characters, not only blanks") { text in
            let scalars = text.unicodeScalars
            return scalars.count <= maximum
                && scalars.contains { !$0.properties.isWhitespace }
                && scalars.allSatisfy {
                    $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
                }
        }
    }

    private static func isWord(_ text: String, maximum: Int, also: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximum
            && text.utf8.allSatisfy {
                isLowercase($0) || isDigit($0) || isLowercase($0 | 0x20) && $0 < 0x80
                    || also.utf8.contains($0)
            }
    }

    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { position, byte in
                switch position {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                default: isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                }
            }
    }

    private static func isLowercase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
