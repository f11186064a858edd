/// `SequenceNumber` of a record: its number in the change log, as 21 decimal digits the first of which is a 1.
/// So they grow with the log, as texts and as numbers.
enum SequenceNumber {
    private static let digits = 20

    /// - Parameter number: not negative.
    static func text(_ number: Int64) -> String {
        let text = String(number)
        return "1" + String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// The number in the log; nil for a text that is no sequence number.
    static func number(_ text: String) -> Int64? {
        guard text.utf8.count == digits + 1, text.utf8.first == UInt8(ascii: "1"),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text.dropFirst())
    }
}
