/// Finds where in a source text a value was written, for messages about its meaning.
public enum JSONLocator {
    /// The line (from 1) of the value at `path`: of its name for an object's member, of its first
    /// character for an array's element or the whole document. Each path element is a member's name
    /// or a decimal index. nil when there is no such value or `source` is not JSON.
    public static func line(of path: [String], in source: [UInt8]) -> Int? {
        source.withUnsafeBufferPointer { buffer in
            guard let offset = offset(of: path, in: buffer) else { return nil }
            return JSONPlace(offset: offset, in: buffer).line
        }
    }

    private static func offset(of path: [String], in source: UnsafeBufferPointer<UInt8>) -> Int? {
        var parser = JSONParser(source, maxDepth: JSONLimits().maxDepth)
        guard (try? parser.document()) != nil else { return nil }
        parser.move(to: 0)
        parser.skipSpace()
        var place = parser.offset
        for element in path {
            let found: (place: Int, value: Int)?
            switch source[parser.offset] {
            case 0x7B: found = try? member(element, in: &parser)
            case 0x5B: found = try? self.element(element, in: &parser)
            default: found = nil
            }
            guard let found else { return nil }
            place = found.place
            parser.move(to: found.value)
        }
        return place
    }

    /// Offsets of the name and of the value of the last member called `name`.
    private static func member(
        _ name: String, in parser: inout JSONParser
    ) throws(JSONError) -> (place: Int, value: Int)? {
        var found: (place: Int, value: Int)?
        try parser.enter(0)
        if parser.closes(0x7D) { return nil }
        repeat {
            parser.skipSpace()
            let place = parser.offset
            let key = try parser.memberKey()
            parser.skipSpace()
            if key == name { found = (place, parser.offset) }
            _ = try parser.value(depth: 0)
        } while try !parser.containerEnds(0x7D, "")
        return found
    }

    private static func element(
        _ index: String, in parser: inout JSONParser
    ) throws(JSONError) -> (place: Int, value: Int)? {
        guard var left = Int(index), left >= 0 else { return nil }
        try parser.enter(0)
        if parser.closes(0x5D) { return nil }
        repeat {
            parser.skipSpace()
            if left == 0 { return (parser.offset, parser.offset) }
            left -= 1
            _ = try parser.value(depth: 0)
        } while try !parser.containerEnds(0x5D, "")
        return nil
    }
}
