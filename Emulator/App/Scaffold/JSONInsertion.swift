/// Adds to a JSON text and leaves everything else in it as it was: order, indentation and blank lines.
struct JSONInsertion {
    private let bytes: [UInt8]

    /// - Parameter source: a JSON document; it has been parsed before.
    init(_ source: [UInt8]) { bytes = source }

    /// The text with `entry` as the last member or element of the container at `path`.
    /// - Returns: nil when there is no object or array.
    func adding(_ entry: String, to path: [String]) -> [UInt8]? {
        guard let start = container(path), start < bytes.count,
            bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[")
        else { return nil }
        let end = skipValue(start) - 1
        var last = end - 1
        while last > start, isSpace(bytes[last]) { last -= 1 }
        let lines = String(decoding: bytes[(last + 1)..<end], as: UTF8.self)
        guard last > start else {
            return Array(bytes[...start]) + Array(" \(entry) ".utf8) + Array(bytes[end...])
        }
        let separator = lines.contains("\n") ? ",\n" + indentation(before: last) : ", "
        return Array(bytes[...last]) + Array((separator + entry).utf8) + Array(bytes[(last + 1)...])
    }

    /// Offset of the value at a path of names.
    private func container(_ path: [String]) -> Int? {
        var offset = skipSpace(0)
        for name in path {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "{") else { return nil }
            var index = skipSpace(offset + 1)
            var found: Int?
            while index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                let end = skipString(index)
                guard end > index + 1 else { return nil }
                let key = String(decoding: bytes[(index + 1)..<(end - 1)], as: UTF8.self)
                let value = skipSpace(skipSpace(end) + 1)
                if key == name { found = value }
                index = skipSpace(skipValue(value))
                guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
                index = skipSpace(index + 1)
            }
            guard let found else { return nil }
            offset = found
        }
        return offset
    }

    /// The blanks in front of the line in which the last entry begins.
    private func indentation(before last: Int) -> String {
        var line = last
        var depth = 0
        // An entry of several lines ends with a bracket; its first line is the one that counts.
        while line > 0 {
            if bytes[line] == UInt8(ascii: "}") || bytes[line] == UInt8(ascii: "]") { depth += 1 }
            if bytes[line] == UInt8(ascii: "{") || bytes[line] == UInt8(ascii: "[") { depth -= 1 }
            if bytes[line] == UInt8(ascii: "\n"), depth <= 0 { break }
            line -= 1
        }
        let blanks = bytes[(line + 1)...].prefix { $0 == 0x20 || $0 == 0x09 }
        return String(decoding: blanks, as: UTF8.self)
    }

    private func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        return index
    }

    private func skipString(_ start: Int) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, bytes.count)
    }

    private func skipValue(_ start: Int) -> Int {
        var index = start
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = skipString(index)
                if depth == 0 { return index }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ",") where depth == 0: return index
            default: break
            }
            index += 1
        }
        return index
    }
}
