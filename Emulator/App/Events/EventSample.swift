import Bytes
import Clock
import JSON
import LambdaEvents

/// A sample of one kind of event: what `emulator event SERVICE KIND` prints.
struct EventSample: Sendable {
    let service: String
    let kind: String
    let summary: String
    /// JSON with placeholders `${name}`; see ``EventFacts``.
    let template: String
    /// Refuses what a handler's own decoder would refuse.
    let check: @Sendable (JSONValue) throws(EventDecodingError) -> Void

    init(
        _ service: String, _ kind: String, _ summary: String, _ template: String,
        check: @escaping @Sendable (JSONValue) throws(EventDecodingError) -> Void
    ) {
        self.service = service
        self.kind = kind
        self.summary = summary
        self.template = template
        self.check = check
    }

    func event(_ facts: EventFacts) throws(JSONError) -> JSONValue {
        try JSONValue.parse(facts.fill(template))
    }
}

/// What differs from one event to the next: times, identifiers, and where the service runs.
struct EventFacts: Sendable {
    var now: Timestamp
    var region = "us-east-1"
    var account = "000000000000"
    /// Makes identifiers; each placeholder gets one of its own.
    var random: @Sendable () -> UInt64 = { BufferedRandomNumberGenerator().next() }

    /// Replaces each `${name}` of a template.
    func fill(_ template: String) -> String {
        var text = ""
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            let name = rest[rest.index(after: dollar)...]
            guard name.first == "{", let end = name.firstIndex(of: "}") else {
                text += rest[...dollar]
                rest = name
                continue
            }
            text += rest[..<dollar]
            text += value(String(name[..<end].dropFirst()))
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    private func value(_ name: String) -> String {
        switch name {
        case "region": region
        case "account": account
        case "time": now.iso8601
        case "second": now.iso8601Seconds
        case "clf": now.commonLog
        case "ms": "\(now.milliseconds)"
        case "s": "\(now.seconds)"
        case "uuid": UUID4.make()
        case "hex8": Hex.encode(random(), digits: 8)
        case "hex16": Hex.encode(random())
        case "hex32": Hex.encode(random()) + Hex.encode(random())
        case "digits": Self.digits(random())
        case "digits20": String(Self.digits(random()).prefix(20))
        case "requestId": Base64.encode(Self.bytes(random(), random()).prefix(11))
        case "trace": trace
        case "logs": SampleLogs.data(at: now, account: account)
        default: "${\(name)}"
        }
    }

    private var trace: String {
        let time = Hex.encode(UInt64(max(0, now.seconds)), digits: 8)
        return "Root=1-\(time)-\(Hex.encode(random()))\(Hex.encode(random(), digits: 8))"
    }

    /// Twenty-one of them, as sequence numbers of streams have.
    private static func digits(_ number: UInt64) -> String {
        let text = String(number)
        return "1" + String(repeating: "0", count: 20 - text.utf8.count) + text
    }

    private static func bytes(_ first: UInt64, _ second: UInt64) -> [UInt8] {
        ByteOrder.bytes(first) + ByteOrder.bytes(second)
    }
}

/// All samples, in the order in which they are listed.
enum EventCatalog {
    static let samples: [EventSample] =
        StorageSamples.all + MessageSamples.all + StreamSamples.all + BusSamples.all + HTTPSamples.all
        + GatewaySamples.all + CognitoSamples.all + OtherSamples.all

    static var services: [String] {
        var names: [String] = []
        for sample in samples where !names.contains(sample.service) { names.append(sample.service) }
        return names
    }

    static func kinds(of service: String) -> [EventSample] { samples.filter { $0.service == service } }
}
