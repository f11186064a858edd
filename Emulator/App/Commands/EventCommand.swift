import Clock
import JSON
import Net

/// `emulator event SERVICE KIND`: composes a sample event.
enum EventCommand: Command {
    static let spec = CommandSpec(
        name: "event", summary: "Compose a realistic event of an AWS service.", arguments: "SERVICE KIND",
        minimumArguments: 0, maximumArguments: 2,
        options: [
            .init("list", "List all services and kinds."),
            .init("set", "PATH=VALUE", "Change one place of the event; may be given several times."),
            .init(
                "check", "FILE|-", "Compose nothing: say whether this is such an event, and what is wrong."),
            .init("region", "NAME", "The event's region. Default: us-east-1."),
            .init("account", "DIGITS", "The event's account. Default: 000000000000."),
            CommonOptions.json,
        ],
        details: """
            The event has fresh times and identifiers and goes to standard output, ready for 'emulator invoke'. A path
            is names with dots and indexes in brackets: Records[0].s3.object.key. A value is JSON if it parses, else
            text; where the sample holds text, it stays text. Headers, queries, attributes and details take new
            members, and an index one behind the last copies the last element.
            """,
        examples: [
            "emulator event --list", "emulator event s3 put --set Records[0].s3.object.key=a.png",
            "emulator event http get --set rawPath=/api/v1/health --set requestContext.http.path=/api/v1/health "
                + "| emulator invoke health --event -",
            "emulator event sqs message --set 'Records[0].body={\"order\":7}' --json",
            "emulator event dynamodb insert --check recorded.json",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        if arguments.flags.contains("list") {
            list(arguments)
            return .success
        }
        let sample = try sample(arguments.positionals)
        if let source = arguments.values["check"] {
            try check(source, sample)
            return .success
        }
        var facts = EventFacts(now: SystemClock().now)
        if let region = arguments.values["region"] {
            guard !region.isEmpty, region.utf8.allSatisfy(Self.isOfRegion) else {
                throw CommandFailure(.usage, "--region wants a name such as eu-west-1, not '\(region)'.")
            }
            facts.region = region
        }
        if let account = arguments.values["account"] {
            guard account.utf8.count == 12, UInt64(account) != nil, account.utf8.first != UInt8(ascii: "+")
            else {
                throw CommandFailure(.usage, "--account wants 12 digits, not '\(account)'.")
            }
            facts.account = account
        }
        var event = try sample.event(facts)
        for argument in arguments.lists["set"] ?? [] { event = try EventEdit(argument).apply(to: event) }
        do {
            try sample.check(event)
        } catch {
            // Perhaps on purpose: what does the handler do with it?
            Terminal.note("note: this is no event of its kind any more: \(error)")
        }
        Terminal.out(arguments.wantsJSON ? event.encodedString() : event.prettyPrinted())
        return .success
    }

    private static func isOfRegion(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func check(_ source: String, _ sample: EventSample) throws(CommandFailure) {
        let event = try EventFile.read(source)
        do {
            try sample.check(event.document)
        } catch {
            throw CommandFailure(
                .invalidData, "\(source) is no event of '\(sample.service) \(sample.kind)': \(error).")
        }
        Terminal.out("\(source) is an event of '\(sample.service) \(sample.kind)'.")
    }

    private static func sample(_ names: [String]) throws(CommandFailure) -> EventSample {
        guard let service = names.first else {
            throw CommandFailure(
                .usage, "emulator event: SERVICE KIND is missing. 'emulator event --list' shows all of them.")
        }
        let kinds = EventCatalog.kinds(of: service)
        guard !kinds.isEmpty else {
            let services = EventCatalog.services
            let hint = Spelling.closest(to: service, among: services).map { "Did you mean '\($0)'?" }
            throw CommandFailure(
                .missingInput,
                "There is no service '\(service)'. \(hint ?? "There are: \(services.joined(separator: ", ")).")"
            )
        }
        let known = kinds.map(\.kind).joined(separator: ", ")
        guard names.count == 2 else {
            throw CommandFailure(.usage, "Which kind of '\(service)'? There are: \(known).")
        }
        guard let sample = kinds.first(where: { $0.kind == names[1] }) else {
            let hint = Spelling.closest(to: names[1], among: kinds.map(\.kind)).map {
                "Did you mean '\($0)'?"
            }
            throw CommandFailure(
                .missingInput,
                "'\(service)' has no kind '\(names[1])'. \(hint ?? "It has: \(known).")")
        }
        return sample
    }

    private static func list(_ arguments: ParsedArguments) {
        if arguments.wantsJSON {
            let all = EventCatalog.samples.map { sample -> JSONValue in
                [
                    "service": .string(sample.service), "kind": .string(sample.kind),
                    "summary": .string(sample.summary),
                ]
            }
            Terminal.out(JSONValue.array(all).encodedString())
            return
        }
        let rows = EventCatalog.samples.map { [$0.service, $0.kind, $0.summary] }
        Terminal.out(Terminal.table([["SERVICE", "KIND", "WHAT HAPPENED"]] + rows))
    }
}
