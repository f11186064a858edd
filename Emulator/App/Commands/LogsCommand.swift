import Net

/// `emulator logs NAME`: prints a function's log, and goes on with `--follow`.
enum LogsCommand: Command {
    static let spec = CommandSpec(
        name: "logs", summary: "Print a function's log.", arguments: "NAME", minimumArguments: 1,
        maximumArguments: 1,
        options: [
            CommonOptions.data, .init("follow", "Go on with new lines until interrupted."),
            .init("lines", "N", "Start with the last N lines. Default: 100."),
        ],
        details: "", examples: ["emulator logs counter", "emulator logs health --follow"])

    private static let pollMilliseconds = 100
    private static let largestTail = 4 << 20

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let name = arguments.positionals[0]
        let lines = try arguments.integer("lines", default: 100, in: 0...1_000_000)
        let path = arguments.dataFolder.logs + "/\(name).log"
        guard !name.contains("/"), Files.fileSize(path) != nil || arguments.flags.contains("follow") else {
            throw CommandFailure(
                .missingInput,
                "There is no log of '\(name)' under \(arguments.dataFolder.logs). "
                    + "Call the function first, or name the data folder with --data DIR.")
        }
        var position = try tail(path, lines: lines)
        while arguments.flags.contains("follow") {
            await sleep(milliseconds: pollMilliseconds)
            let size = Files.fileSize(path) ?? 0
            // A smaller file is a fresh one: the log was rotated.
            if size < position { position = 0 }
            if size > position {
                let bytes = try Files.readFile(path, offset: position, limit: largestTail)
                Terminal.raw(bytes)
                position += Int64(bytes.count)
            }
        }
        return .success
    }

    /// Prints the last lines and returns the offset behind them.
    private static func tail(_ path: String, lines: Int) throws -> Int64 {
        guard let size = Files.fileSize(path) else { return 0 }
        let start = max(0, size - Int64(largestTail))
        let bytes = try Files.readFile(path, offset: start, limit: largestTail)
        var index = bytes.count
        var left = lines
        while index > 0 {
            if bytes[index - 1] == UInt8(ascii: "\n"), index != bytes.count {
                left -= 1
                if left == 0 { break }
            }
            index -= 1
        }
        if lines > 0 { Terminal.raw(Array(bytes[index...])) }
        return start + Int64(bytes.count)
    }
}
