import Clock
import JSON
import Net
import Objects

/// `emulator lifecycle`: carries out the buckets' lifecycle rules at once, as of now or of a later day.
enum LifecycleCommand: Command {
    private static let longestDays = 36_500

    static let spec = CommandSpec(
        name: "lifecycle", summary: "Carry out lifecycle rules of buckets, as of now or of a later day.",
        arguments: "", minimumArguments: 0, maximumArguments: 0,
        options: [
            CommonOptions.data,
            .init("days", "N", "As of so many days from now, 0 to \(longestDays)."),
            .init("at", "TIME", "As of a later moment, such as 2027-01-01 or 2027-01-01T00:00:00Z."),
            .init("bucket", "NAME", "One bucket alone. Default: all."),
            CommonOptions.json,
        ],
        details: """
            A running emulator carries rules out by itself, every hour and at midnight UTC. As nobody waits days to
            see them work, this asks it to do so as if it were later. What is deleted is deleted for good. Object
            locks keep to the true time.
            """,
        examples: ["emulator lifecycle", "emulator lifecycle --days 31 --bucket mumble-media --json"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let now = SystemClock().now
        let action = ControlAction.lifecycle(
            asOf: try moment(arguments, now: now).milliseconds, bucket: arguments.values["bucket"])
        guard let running = arguments.dataFolder.running() else {
            throw CommandFailure(
                .unavailable,
                "No emulator runs on \(arguments.dataFolder.path). Start one, or name its folder with --data DIR."
            )
        }
        let report = try await ControlAPI.send(action, to: running)
        show(report, arguments)
        return .success
    }

    private static func moment(_ arguments: ParsedArguments, now: Timestamp) throws(CommandFailure)
        -> Timestamp
    {
        guard let text = arguments.values["at"] else {
            let days = try arguments.integer("days", default: 0, in: 0...longestDays)
            return now + Int64(days) * 86_400_000
        }
        guard arguments.values["days"] == nil else {
            throw CommandFailure(.usage, "--days and --at exclude each other.")
        }
        guard let moment = Timestamp(iso8601: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
            throw CommandFailure(
                .usage, "--at has to be a day or a time in UTC, such as 2027-01-01T00:00:00Z, not '\(text)'.")
        }
        guard moment >= now else {
            throw CommandFailure(.usage, "--at \(text) is in the past; rules can only be carried out later.")
        }
        return moment
    }

    private static func show(_ report: JSONValue, _ arguments: ParsedArguments) {
        if arguments.wantsJSON { return Terminal.out(report.encodedString()) }
        let buckets = report["buckets"]?.object ?? [:]
        var lines: [String] = []
        for (name, counts) in buckets {
            let done = (counts.object ?? [:]).filter { ($0.value.int ?? 0) > 0 }
                .map { "\($0.value.int ?? 0) \(words[$0.key] ?? $0.key)" }
            lines.append("\(name): \(done.isEmpty ? "nothing was due" : done.joined(separator: ", "))")
        }
        if let ended = report["restoresEnded"]?.int, ended > 0 {
            lines.append("Restored copies that went: \(ended)")
        }
        Terminal.out(lines.isEmpty ? "No bucket has lifecycle rules." : lines.joined(separator: "\n"))
    }

    private static let words = [
        "expired": "objects deleted", "markersMade": "delete markers made",
        "markersRemoved": "delete markers removed", "versionsRemoved": "noncurrent versions deleted",
        "transitioned": "versions moved to another class", "uploadsAborted": "uploads aborted",
        "kept": "kept by an object lock",
    ]
}

extension LifecycleReport {
    var json: JSONValue {
        let buckets = buckets.sorted { $0.key < $1.key }.map { name, counts in
            let members: JSONValue = [
                "expired": .number(.init(counts.expired)), "markersMade": .number(.init(counts.markersMade)),
                "markersRemoved": .number(.init(counts.markersRemoved)),
                "versionsRemoved": .number(.init(counts.versionsRemoved)),
                "transitioned": .number(.init(counts.transitioned)),
                "uploadsAborted": .number(.init(counts.uploadsAborted)), "kept": .number(.init(counts.kept)),
            ]
            return (name, members)
        }
        return [
            "buckets": .object(JSONObject(buckets)), "restoresEnded": .number(.init(restoresEnded)),
        ]
    }
}
