/// A text with wildcards held against another, in steps that grow with the length of both and not with their
/// product: patterns come from clients, and texts from anybody.
struct Wildcards: Sendable {
    enum Glyph: Sendable, Equatable {
        case byte(UInt8)
        /// `?`: any one character.
        case one
        /// `*`: any number of characters.
        case many
    }

    /// How often something was compared, for tests that hold the costs against a bound.
    private(set) var steps = 0

    static func match(_ pattern: [Glyph], _ text: [UInt8]) -> Bool {
        var wildcards = Wildcards()
        return wildcards.match(pattern, text)
    }

    /// The stretches between stars are looked for one after another, each as early as it can stand: that leaves the
    /// most for those behind it. The first and the last stand where the text begins and ends.
    mutating func match(_ pattern: [Glyph], _ text: [UInt8]) -> Bool {
        guard let first = pattern.firstIndex(of: .many), let last = pattern.lastIndex(of: .many) else {
            return step(over: pattern[...], text[...]).map { $0 == text.count } ?? false
        }
        guard var start = step(over: pattern[..<first], text[...]) else { return false }
        guard let end = stepBack(over: pattern[(last + 1)...], text[start...]) else { return false }
        for stretch in pattern[first...last].split(separator: .many) {
            guard let found = find(stretch, text[start..<end]) else { return false }
            start = found
        }
        return true
    }

    // MARK: - At the ends

    /// Where the text goes on behind glyphs that stand at its beginning.
    private mutating func step(over glyphs: ArraySlice<Glyph>, _ text: ArraySlice<UInt8>) -> Int? {
        var at = text.startIndex
        for glyph in glyphs {
            steps += 1
            guard at < text.endIndex else { return nil }
            switch glyph {
            case .byte(let byte):
                guard text[at] == byte else { return nil }
                at += 1
            case .one:
                repeat { at += 1 } while at < text.endIndex && Self.goesOn(text[at])
            case .many: return nil
            }
        }
        return at
    }

    /// Where glyphs begin that stand at the text's end.
    private mutating func stepBack(over glyphs: ArraySlice<Glyph>, _ text: ArraySlice<UInt8>) -> Int? {
        var at = text.endIndex
        for glyph in glyphs.reversed() {
            steps += 1
            guard at > text.startIndex else { return nil }
            at -= 1
            switch glyph {
            case .byte(let byte):
                guard text[at] == byte else { return nil }
            case .one:
                while at > text.startIndex, Self.goesOn(text[at]) { at -= 1 }
            case .many: return nil
            }
        }
        return at
    }

    /// Whether a byte belongs to the character before it (UTF-8).
    private static func goesOn(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    // MARK: - In the middle

    /// A byte, or with `?` in the pattern a character; zero stands for any.
    private typealias Symbol = UInt64

    private static let any: Symbol = 0

    /// A character with one byte more. It has four at most; of what is no UTF-8 the last eight count. The bit tells
    /// NUL from any.
    private static func symbol(_ byte: UInt8, behind lead: Symbol = 1) -> Symbol { lead << 8 | Symbol(byte) }

    /// The end of the first place where a stretch without stars stands. Follows all places at once where it may
    /// stand, a bit each (R. Baeza-Yates and G. Gonnet, "A new approach to text searching", 1992): a word of bits for
    /// 64 symbols of the stretch.
    private mutating func find(_ stretch: ArraySlice<Glyph>, _ text: ArraySlice<UInt8>) -> Int? {
        let hasAny = stretch.contains(.one)
        let symbols = Self.symbols(stretch, joining: hasAny)
        let final = symbols.count - 1
        let words = final / 64 + 1
        var anything = [UInt64](repeating: 0, count: words)
        for (index, symbol) in symbols.enumerated() where symbol == Self.any {
            anything[index / 64] |= 1 << UInt64(index % 64)
        }
        var places: [Symbol: [UInt64]] = [:]
        for (index, symbol) in symbols.enumerated() where symbol != Self.any {
            places[symbol, default: anything][index / 64] |= 1 << UInt64(index % 64)
            steps += 1
        }
        var open = [UInt64](repeating: 0, count: words)
        var at = text.startIndex
        while at < text.endIndex {
            var symbol = Self.symbol(text[at])
            at += 1
            while hasAny, at < text.endIndex, Self.goesOn(text[at]) {
                symbol = Self.symbol(text[at], behind: symbol)
                at += 1
            }
            let fitting = places[symbol] ?? anything
            var carry: UInt64 = 1
            for word in 0..<words {
                steps += 1
                let next = open[word] >> 63
                open[word] = (open[word] << 1 | carry) & fitting[word]
                carry = next
            }
            if open[words - 1] >> UInt64(final % 64) & 1 == 1 { return at }
        }
        return nil
    }

    private static func symbols(_ glyphs: ArraySlice<Glyph>, joining: Bool) -> [Symbol] {
        var symbols: [Symbol] = []
        for glyph in glyphs {
            guard case .byte(let byte) = glyph else {
                symbols.append(any)
                continue
            }
            if joining, goesOn(byte), let last = symbols.last, last != any {
                symbols[symbols.count - 1] = symbol(byte, behind: last)
            } else {
                symbols.append(symbol(byte))
            }
        }
        return symbols
    }
}
