/// The part of a string that stands in JSON text as it is.
enum PlainRun {
    /// Where the first byte is that ends such a part (a quote, a backslash or a control character), or the end.
    static func end(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        // Eight bytes at once: below 0x20, or equal to one of two bytes, shows as a borrow into a top bit.
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let found =
                (word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes
                | (backslashes &- ones) & ~backslashes
            if found & (ones << 7) != 0 { break }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
            index += 1
        }
        return index
    }
}
