/// What a command accepts. One value of this type is the source of both parsing and `--help`.
struct CommandSpec: Sendable {
    struct Option: Sendable {
        let name: String
        /// Placeholder of the value in the help text; nil makes the option a flag.
        let value: String?
        let help: String

        init(_ name: String, _ value: String? = nil, _ help: String) {
            self.name = name
            self.value = value
            self.help = help
        }
    }

    let name: String
    let summary: String
    /// Positional arguments as shown in the usage line, for example `NAME` or `[NAME...]`.
    let arguments: String
    let minimumArguments: Int
    let maximumArguments: Int
    let options: [Option]
    let details: String
    let examples: [String]

    var help: String {
        var text =
            "\(summary)\n\nUSAGE\n  emulator \(name)\(arguments.isEmpty ? "" : " \(arguments)") [options]\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        let rows = (options + [Option("help", nil, "Show this text.")]).map { option in
            ["  --\(option.name)\(option.value.map { " \($0)" } ?? "")", option.help]
        }
        text += "\nOPTIONS\n\(Terminal.table(rows))\n"
        if !examples.isEmpty { text += "\nEXAMPLES\n" + examples.map { "  \($0)\n" }.joined() }
        return text
    }
}

/// The command line after parsing.
struct ParsedArguments: Sendable {
    var positionals: [String] = []
    var values: [String: String] = [:]
    /// All values of options that were given more than once, in their order; ``values`` has the last ones.
    var lists: [String: [String]] = [:]
    var flags: Set<String> = []
    var wantsHelp: Bool { flags.contains("help") }

    /// Parses what follows the command's name. `--name value` and `--name=value` are both accepted.
    static func parse(_ arguments: [String], for spec: CommandSpec) throws(CommandFailure) -> ParsedArguments
    {
        var parsed = ParsedArguments()
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard argument.hasPrefix("--"), argument.count > 2 else {
                if argument == "-h" {
                    parsed.flags.insert("help")
                } else {
                    parsed.positionals.append(argument)
                }
                continue
            }
            let parts = argument.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if name == "help" {
                parsed.flags.insert(name)
                continue
            }
            guard let option = spec.options.first(where: { $0.name == name }) else {
                throw unknown(name, in: spec)
            }
            guard let placeholder = option.value else {
                guard parts.count == 1 else { throw usage("--\(name) takes no value.", spec) }
                parsed.flags.insert(name)
                continue
            }
            let value: String
            if parts.count == 2 {
                value = String(parts[1])
            } else if index < arguments.count {
                value = arguments[index]
                index += 1
            } else {
                throw usage("--\(name) needs a value: --\(name) \(placeholder).", spec)
            }
            parsed.values[name] = value
            parsed.lists[name, default: []].append(value)
        }
        if parsed.wantsHelp { return parsed }
        try parsed.checkCount(spec)
        return parsed
    }

    private func checkCount(_ spec: CommandSpec) throws(CommandFailure) {
        if positionals.count < spec.minimumArguments {
            throw Self.usage("\(spec.arguments) is missing.", spec)
        }
        if positionals.count > spec.maximumArguments {
            throw Self.usage("'\(positionals[spec.maximumArguments])' is one argument too many.", spec)
        }
    }

    private static func unknown(_ name: String, in spec: CommandSpec) -> CommandFailure {
        let hint =
            Spelling.closest(to: name, among: spec.options.map(\.name)).map { " Did you mean --\($0)?" } ?? ""
        return usage("there is no option --\(name).\(hint)", spec)
    }

    private static func usage(_ message: String, _ spec: CommandSpec) -> CommandFailure {
        CommandFailure(.usage, "emulator \(spec.name): \(message) See 'emulator \(spec.name) --help'.")
    }

    /// An option that has to be a whole number inside `range`.
    func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(CommandFailure)
        -> Int
    {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw CommandFailure(
                .usage,
                "--\(name) has to be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'."
            )
        }
        return number
    }
}

/// Suggests what the user probably meant.
enum Spelling {
    /// The candidate with the smallest edit distance, if it is at most a third of the word.
    static func closest(to word: String, among candidates: [String]) -> String? {
        let best = candidates.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
        guard let best, best.1 <= max(2, word.count / 3) else { return nil }
        return best.0
    }

    /// Levenshtein distance.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substitution = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(row[j] + 1, row[j + 1] + 1, substitution)
            }
        }
        return row[right.count]
    }
}
