import JSON

/// What a compiler had to say.
struct CompilerOutput: Sendable, Equatable {
    struct Message: Sendable, Equatable {
        let file: String
        let line: Int
        let column: Int
        let text: String
    }

    /// Without the lines that only tell of progress.
    let text: String
    let errors: [Message]

    /// Bytes of the text that are kept.
    static let longest = 65_536

    init(_ output: String) {
        var lines: [Substring] = []
        for line in output.split(separator: "\n", omittingEmptySubsequences: false)
        where !Self.isProgress(line) && !(line.isEmpty && lines.last?.isEmpty != false) {
            lines.append(line)
        }
        lines = Self.onceEach(lines)
        while lines.last?.isEmpty == true { lines.removeLast() }
        var errors: [Message] = []
        for line in lines {
            guard let error = Self.error(in: line), !errors.contains(error) else { continue }
            errors.append(error)
        }
        self.errors = errors
        let text = lines.joined(separator: "\n")
        self.text =
            text.utf8.count <= Self.longest ? text : String(text.prefix(Self.longest)) + "\n(and more)"
    }

    /// `[3/7] Compiling ...`, `Building for debugging...`
    private static func isProgress(_ line: Substring) -> Bool {
        if line.hasPrefix("Building for ") || line.hasPrefix("Build complete!") { return true }
        guard line.first == "[", let end = line.firstIndex(of: "]") else { return false }
        let inside = line[line.index(after: line.startIndex)..<end]
        return inside.contains("/") && inside.allSatisfy { $0.isASCIIDigit || $0 == "/" }
    }

    /// SwiftPM tells the same of a file for its module and for its code: only the first of these stays.
    private static func onceEach(_ lines: [Substring]) -> [Substring] {
        var kept: [Substring] = []
        var told: Set<[Substring]> = []
        var block: [Substring] = []
        func end() {
            let words = block.filter { !$0.isEmpty }
            if !(block.first.map(isPlace) ?? false) || told.insert(words).inserted { kept += block }
            block = []
        }
        for line in lines {
            if isPlace(line) || line.hasPrefix("error: ") { end() }
            block.append(line)
        }
        end()
        return kept
    }

    /// `/path/File.swift:12:5: ...`
    private static func isPlace(_ line: Substring) -> Bool {
        let parts = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].hasPrefix("/") && Int(parts[1]) != nil && Int(parts[2]) != nil
    }

    /// `/path/File.swift:12:5: error: cannot find 'x' in scope`; clang has errors that are fatal, too.
    private static func error(in line: Substring) -> Message? {
        let parts = line.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, [" error", " fatal error"].contains(parts[3]), let row = Int(parts[1]),
            let column = Int(parts[2])
        else { return nil }
        return Message(
            file: String(parts[0]), line: row, column: column,
            text: String(parts[4].drop { $0 == " " }))
    }

    var json: JSONValue {
        .array(
            errors.map { error in
                [
                    "file": .string(error.file), "line": .number(.init(error.line)),
                    "column": .number(.init(error.column)), "message": .string(error.text),
                ]
            })
    }
}
