import AWSProtocol
import Expressions

/// Whose throughput a text is about.
enum ThroughputOwner: Sendable {
    case table
    case index(String)

    /// As texts on warm throughput name it.
    var warmName: String {
        switch self {
        case .table: "table"
        case .index(let name): "index \(name)"
        }
    }

    /// As texts on on-demand throughput name it.
    var onDemandName: String {
        switch self {
        case .table: "table"
        case .index(let name): "index : \(name)"
        }
    }
}

/// `OnDemandThroughput` of a request.
struct OnDemandInput: Sendable {
    /// Takes a limit away again.
    private static let unlimited = -1

    let read: Int?
    let write: Int?

    init?(_ input: InputReader) throws(ValidationError) {
        guard let reader = try input.structure("OnDemandThroughput", "OnDemandThroughput") else { return nil }
        read = try reader.integer("MaxReadRequestUnits", type: "Long")
        write = try reader.integer("MaxWriteRequestUnits", type: "Long")
    }

    var isEmpty: Bool { read == nil && write == nil }

    private var members: [(name: String, value: Int)] {
        [("MaxReadRequestUnits", read), ("MaxWriteRequestUnits", write)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    func checkRange(_ owner: ThroughputOwner, canClear: Bool) throws {
        for (name, value) in members where value < 1 && !(canClear && value == Self.unlimited) {
            throw TableErrors.invalidParameter(
                "Requested \(name) for OnDemandThroughput for \(owner.onDemandName) is outside of valid range"
            )
        }
    }

    func checkMode(isOnDemand: Bool, _ owner: ThroughputOwner) throws {
        guard !isOnDemand, let name = members.first?.name else { return }
        let suffix =
            switch owner {
            case .table: ""
            case .index(let index): " for index: \(index)"
            }
        throw TableErrors.invalidParameter(
            "\(name) for OnDemandThroughput\(suffix) cannot be specified when the table BillingMode is "
                + "PROVISIONED")
    }

    /// Members that are not given keep what they were.
    func applied(to old: OnDemandThroughput?) -> OnDemandThroughput? {
        func next(_ value: Int?, _ old: Int?) -> Int? { value == Self.unlimited ? nil : value ?? old }
        return OnDemandThroughput(
            maximumRead: next(read, old?.maximumRead), maximumWrite: next(write, old?.maximumWrite)
        ).orNil
    }
}

/// `WarmThroughput` of a request.
struct WarmInput: Sendable {
    private static let guide =
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
        + "#on-demand-capacity-mode-initial"

    let read: Int?
    let write: Int?

    init?(_ input: InputReader) throws(ValidationError) {
        guard let reader = try input.structure("WarmThroughput", "WarmThroughput") else { return nil }
        read = try reader.integer("ReadUnitsPerSecond", type: "Long")
        write = try reader.integer("WriteUnitsPerSecond", type: "Long")
    }

    var isEmpty: Bool { read == nil && write == nil }

    /// For what is being created: it cannot be prepared for less than it begins with.
    func checkStart(_ owner: ThroughputOwner, _ provisioned: Throughput?) throws {
        let start = provisioned ?? .onDemandStart
        for (name, units, value, least) in [
            ("ReadUnitsPerSecond", "ReadCapacityUnits", read, start.read),
            ("WriteUnitsPerSecond", "WriteCapacityUnits", write, start.write),
        ] {
            guard let value, value < least else { continue }
            let than =
                provisioned == nil
                ? "initial throughput for OnDemand. See: \(Self.guide)" : "\(units) of ProvisionedThroughput"
            throw TableErrors.invalidParameter(
                "Requested \(name) for WarmThroughput for \(owner.warmName) is lower than \(than)")
        }
    }

    /// For what exists: once prepared, always prepared.
    func checkIncrease(_ owner: ThroughputOwner, from old: Throughput) throws {
        for (name, value, current) in [
            ("ReadUnitsPerSecond", read, old.read), ("WriteUnitsPerSecond", write, old.write),
        ] {
            guard let value, value < current else { continue }
            throw TableErrors.invalidParameter(
                "Requested \(name) for WarmThroughput for \(owner.warmName) is lower than current "
                    + "WarmThroughput, decreasing WarmThroughput is not supported")
        }
    }

    func applied(to old: Throughput) -> Throughput {
        Throughput(read: read ?? old.read, write: write ?? old.write)
    }
}
