/// A text with `*` for any number of characters; `\*` and `\\` stand for the characters themselves.
struct Wildcard: Sendable, Equatable {
    /// What lies between the stars, in order.
    private let pieces: [[UInt8]]

    init(_ pattern: String) throws(EventPattern.Invalid) {
        var pieces: [[UInt8]] = [[]]
        var bytes = Array(pattern.utf8)[...]
        var wasStar = false
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "*") {
                guard !wasStar else { throw EventPattern.Invalid(reason: "two stars in a row in 'wildcard'") }
                wasStar = true
                pieces.append([])
                continue
            }
            wasStar = false
            guard byte == UInt8(ascii: "\\") else {
                pieces[pieces.count - 1].append(byte)
                continue
            }
            guard let next = bytes.popFirst(), next == UInt8(ascii: "*") || next == UInt8(ascii: "\\") else {
                throw EventPattern.Invalid(reason: "a backslash stands before '*' or '\\' in 'wildcard'")
            }
            pieces[pieces.count - 1].append(next)
        }
        self.pieces = pieces
    }

    /// In time proportional to the product of the lengths at worst: each piece is taken where it comes first.
    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = pieces.first, let last = pieces.last, bytes.starts(with: first) else {
            return false
        }
        if pieces.count == 1 { return bytes.count == first.count }
        guard bytes.count >= first.count + last.count, bytes.suffix(last.count).elementsEqual(last) else {
            return false
        }
        var rest = bytes[first.count..<(bytes.count - last.count)]
        for piece in pieces.dropFirst().dropLast() {
            guard let end = Self.end(of: piece, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private static func end(of piece: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= piece.count else { return nil }
        var start = bytes.startIndex
        while start + piece.count <= bytes.endIndex {
            if bytes[start..<(start + piece.count)].elementsEqual(piece) { return start + piece.count }
            start += 1
        }
        return nil
    }
}
