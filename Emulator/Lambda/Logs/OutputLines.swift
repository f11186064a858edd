/// Cuts what a process prints into lines, so that lines of several processes can share one file.
struct OutputLines {
    /// AWS's limit for one log event; longer lines are split.
    static let maximumLineBytes = 262_144

    private var partial: [UInt8] = []

    /// Takes output; returns the whole lines that are complete with it, newlines included.
    mutating func add(_ bytes: [UInt8]) -> [UInt8] {
        // Most output is far from the limit, and its lines need not be looked at one by one.
        guard partial.count + bytes.count > Self.maximumLineBytes else { return addShort(bytes) }
        var lines: [UInt8] = []
        for byte in bytes {
            if partial.count == Self.maximumLineBytes, byte != 0x0a { lines += flush() }
            partial.append(byte)
            if byte == 0x0a {
                lines += partial
                partial.removeAll(keepingCapacity: true)
            }
        }
        return lines
    }

    private mutating func addShort(_ bytes: [UInt8]) -> [UInt8] {
        guard let lastNewline = bytes.lastIndex(of: 0x0a) else {
            partial += bytes
            return []
        }
        var lines = partial
        lines += bytes[...lastNewline]
        partial = Array(bytes[(lastNewline + 1)...])
        return lines
    }

    /// What was printed without a newline, as a line.
    mutating func flush() -> [UInt8] {
        guard !partial.isEmpty else { return [] }
        defer { partial = [] }
        return partial + [0x0a]
    }
}

/// The last bytes of an invocation's log.
struct LogTail {
    /// AWS returns the last 4 KB.
    static let limit = 4096

    private var kept: [UInt8] = []

    mutating func add(_ bytes: some Collection<UInt8>) {
        kept += bytes.suffix(Self.limit)
        // Trimmed seldom: removing from the front moves everything behind it.
        if kept.count > 4 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }

    var bytes: [UInt8] { Array(kept.suffix(Self.limit)) }
}
