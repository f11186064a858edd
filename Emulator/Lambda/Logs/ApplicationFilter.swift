import JSON

/// Drops lines of a function that are below its application log level (JSON format).
enum ApplicationFilter {
    /// Such lines are parsed no further than this: a longer one is passed as it is.
    private static let maximumLineBytes = 262_144

    /// - Parameter lines: whole lines, newlines included.
    static func kept(_ lines: [UInt8], _ logging: FunctionLogging) -> [UInt8] {
        guard logging.format == .json, logging.applicationLevel > .trace, !lines.isEmpty else { return lines }
        var kept: [UInt8] = []
        var rest = lines[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0a).map { rest.index(after: $0) } ?? rest.endIndex
            if level(rest[..<end]) >= logging.applicationLevel { kept += rest[..<end] }
            rest = rest[end...]
        }
        return kept
    }

    /// A line that is not a JSON object is passed always; an object without a known level counts as INFO.
    private static func level(_ line: ArraySlice<UInt8>) -> FunctionLogging.Level {
        guard line.first(where: { $0 != 0x20 && $0 != 0x09 }) == 0x7b, line.count <= maximumLineBytes,
            let object = (try? JSONValue.parse(Array(line)))?.object
        else { return .fatal }
        return object["level"]?.string.flatMap { FunctionLogging.Level(rawValue: $0.uppercased()) } ?? .info
    }
}
