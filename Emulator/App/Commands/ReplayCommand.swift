import Clock
import JSON
import Net

/// `emulator replay REQUEST-ID`: runs a recorded invocation again and compares the answers.
enum ReplayCommand: Command {
    static let spec = CommandSpec(
        name: "replay", summary: "Run a recorded invocation again, and show what has changed.",
        arguments: "REQUEST-ID", minimumArguments: 0, maximumArguments: 1,
        options: [
            .init("list", "List recorded invocations, the latest last."),
            .init("lines", "N", "How many to list, 1 to 1000. Default: 20."),
            .init("set", "PATH=VALUE", "Change the event before it runs: put back what was masked."),
            .init("ignore", "PATH", "Differences there do not count, as of times and identifiers."),
            CommonOptions.manifest, CommonOptions.data, CommonOptions.binaries, CommonOptions.json,
        ],
        details: """
            'emulator start --record' or '--watch' keeps the last 1,000 invocations, at most 64 MB, events and answers
            up to 256 KB each. REQUEST-ID is the id of the function's log, the header apigw-requestid of an answer, the
            beginning of either, or 'last'. The call goes to the running emulator, or to one of its own.

            Credentials in headers, cookies and queries are masked when they are recorded: the function gets
            '***masked***' in their place, unless --set puts a real value there. Exits with 1 when the answers differ,
            with 69 when the function could not be run. 'last' is the last call that was no replay itself.
            """,
        examples: [
            "emulator replay --list", "emulator replay last",
            "emulator replay 8f14e45f --ignore body.timestamp",
            "emulator replay last --set 'headers.authorization=Bearer abc' --json",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let folder = RecordingFolder(path: arguments.dataFolder.recordings)
        if arguments.flags.contains("list") {
            try list(folder, arguments)
            return .success
        }
        guard let wanted = arguments.positionals.first else {
            throw CommandFailure(
                .usage,
                "emulator replay: REQUEST-ID is missing. 'emulator replay --list' shows what there is.")
        }
        let recording = try find(wanted, in: folder)
        guard var event = recording.event else {
            throw CommandFailure(
                .invalidData,
                "The event of \(recording.requestID) was not kept: it had \(recording.eventBytes) bytes or was no "
                    + "JSON; at most \(Recording.largestPayload) bytes are.")
        }
        let ignored = try (arguments.lists["ignore"] ?? []).map(path(ignored:))
        var restored: Set<String> = []
        for argument in arguments.lists["set"] ?? [] {
            let edit = try EventEdit(argument)
            event = try edit.apply(to: event)
            restored.insert("\(edit.path)")
        }
        let options = try arguments.emulatorOptions()
        let caller = FunctionCaller(options: options)
        let version = recording.version == "$LATEST" ? nil : recording.version
        let answer = try await caller.once(
            recording.function, event: event.encoded(), version: version, isReplay: true)
        let replay = Replay(
            recording: recording, answer: answer, masked: recording.masked.filter { !restored.contains($0) },
            ignored: ignored)
        arguments.wantsJSON ? Terminal.out(replay.json.encodedString()) : replay.show()
        return replay.isSame ? .success : .failure
    }

    private static func path(ignored text: String) throws(CommandFailure) -> JSONPath {
        guard let path = JSONPath(text) else {
            throw CommandFailure(
                .usage, "--ignore wants a path, as in --ignore body.timestamp, not '\(text)'.")
        }
        return path
    }

    private static func find(_ wanted: String, in folder: RecordingFolder) throws(CommandFailure) -> Recording
    {
        let entries = folder.entries()
        guard !entries.isEmpty else { throw nothing(folder) }
        if wanted == "last" { return try last(of: entries, in: folder) }
        let found = entries.filter { $0.requestID.hasPrefix(wanted) }
        if let entry = found.last, found.allSatisfy({ $0.requestID == entry.requestID }) {
            guard let recording = folder.read(entry) else {
                throw CommandFailure(.ioError, "\(folder.path)/\(entry.file) cannot be read any more.")
            }
            return recording
        }
        guard found.isEmpty else {
            let ids = found.suffix(3).map(\.requestID).joined(separator: ", ")
            throw CommandFailure(.usage, "Several requests begin with '\(wanted)': \(ids). Give more of it.")
        }
        // The gateway's own id is in the event.
        for entry in entries.reversed() {
            guard let recording = folder.read(entry),
                let id = recording.event?["requestContext"]?["requestId"]?.string, id.hasPrefix(wanted)
            else { continue }
            return recording
        }
        throw CommandFailure(
            .missingInput,
            "No invocation '\(wanted)' is recorded under \(folder.path). 'emulator replay --list' shows what there is."
        )
    }

    /// Not a replay: compared with itself, an answer never shows what an edit has changed.
    private static func last(
        of entries: [RecordingFolder.Entry], in folder: RecordingFolder
    ) throws(CommandFailure) -> Recording {
        for entry in entries.reversed() {
            guard let recording = folder.read(entry), !recording.isReplay else { continue }
            return recording
        }
        throw CommandFailure(
            .missingInput, "\(folder.path) holds nothing but replays, or nothing that can be read.")
    }

    private static func nothing(_ folder: RecordingFolder) -> CommandFailure {
        CommandFailure(
            .missingInput,
            "Nothing is recorded under \(folder.path). Start the emulator with --record or --watch and call a "
                + "function, or name the data folder with --data DIR.")
    }

    private static func list(_ folder: RecordingFolder, _ arguments: ParsedArguments) throws(CommandFailure) {
        let count = try arguments.integer("lines", default: 20, in: 1...RecordingFolder.most)
        let recordings = folder.entries().suffix(count).compactMap { folder.read($0) }
        if arguments.wantsJSON {
            let list = recordings.map { recording -> JSONValue in
                [
                    "requestId": .string(recording.requestID), "function": .string(recording.function),
                    "time": .string(recording.time),
                    "functionError": recording.functionError.map { .string($0) } ?? .null,
                    "durationMs": .number(.init(recording.durationMs)),
                    "replayable": .bool(recording.event != nil), "isReplay": .bool(recording.isReplay),
                ]
            }
            Terminal.out(JSONValue.array(list).encodedString())
            return
        }
        guard !recordings.isEmpty else { throw nothing(folder) }
        let rows = recordings.map { recording in
            [
                recording.requestID, recording.time, recording.function, recording.functionError ?? "ok",
                recording.durationMs.twoDecimals + " ms",
                recording.event == nil ? "event not kept" : recording.isReplay ? "replay" : "",
            ]
        }
        Terminal.out(
            Terminal.table([["REQUEST ID", "TIME", "FUNCTION", "OUTCOME", "DURATION", ""]] + rows))
    }
}

/// A recorded answer beside today's.
private struct Replay {
    let recording: Recording
    let answer: FunctionCaller.Answer
    /// Where the function got a placeholder instead of a secret.
    let masked: [String]
    let differences: [JSONDifference]
    /// How many more there are in places that do not count.
    let ignoredCount: Int

    init(
        recording: Recording, answer: FunctionCaller.Answer, masked: [String], ignored: [JSONPath]
    ) {
        self.recording = recording
        self.answer = answer
        self.masked = masked
        var all: [JSONDifference] = []
        if recording.functionError != answer.functionError {
            all.append(
                JSONDifference(
                    path: JSONPath([.name("functionError")]),
                    before: recording.functionError.map { .string($0) } ?? .null,
                    after: answer.functionError.map { .string($0) } ?? .null))
        }
        if let before = recording.answer, let after = Recording.kept(answer.payload).document {
            // The platform's own errors name the request, which is never the same.
            let isFailure = recording.functionError != nil && answer.functionError != nil
            all += JSONDifference.list(
                isFailure ? Self.withoutRequestID(before) : before,
                isFailure ? Self.withoutRequestID(after) : after)
        } else if recording.answerSHA256 != Recording.digest(answer.payload) {
            // One of them is too large to be kept, or no JSON: that they differ is all that can be said.
            all.append(
                JSONDifference(
                    path: JSONPath([]),
                    before: .string("\(recording.answerBytes) bytes, SHA-256 \(recording.answerSHA256)"),
                    after: .string(
                        "\(answer.payload.count) bytes, SHA-256 \(Recording.digest(answer.payload))")))
        }
        differences = all.filter { difference in
            !ignored.contains { difference.path.steps.starts(with: $0.steps) }
        }
        ignoredCount = all.count - differences.count
    }

    private static func withoutRequestID(_ answer: JSONValue) -> JSONValue {
        guard var members = answer.object, let message = members["errorMessage"]?.string else {
            return answer
        }
        members["errorMessage"] = .string(RepeatedCalls.withoutRequestID(message))
        return .object(members)
    }

    var isSame: Bool { differences.isEmpty }

    var json: JSONValue {
        [
            "requestId": .string(recording.requestID), "function": .string(recording.function),
            "recorded": .string(recording.time), "same": .bool(isSame),
            "differences": .array(differences.map(\.json)), "ignored": .number(.init(ignoredCount)),
            "masked": .array(masked.map { .string($0) }),
            "beforeMs": .number(.init(recording.durationMs)), "nowMs": .number(.init(answer.milliseconds)),
            "answer": (try? JSONValue.parse(answer.payload)) ?? .null,
        ]
    }

    func show() {
        Terminal.note("\(recording.function), recorded at \(recording.time), request \(recording.requestID)")
        for path in masked {
            Terminal.note("note: '\(path)' was masked; --set '\(path)=...' puts a real value there")
        }
        let ignored = ignoredCount > 0 ? ", \(ignoredCount) ignored" : ""
        let times =
            "recorded \(recording.durationMs.twoDecimals) ms, now \(answer.milliseconds.twoDecimals) ms"
        guard !isSame else {
            return Terminal.out("The answer is the same\(ignored) (\(times)).")
        }
        for difference in differences { Terminal.out("  " + difference.line) }
        let count = differences.count
        Terminal.out("\(count) difference\(count == 1 ? "" : "s")\(ignored) (\(times)).")
    }
}
