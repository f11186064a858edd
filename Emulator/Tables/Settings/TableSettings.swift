import Clock

/// What is set of a table that no operation on items looks at.
struct TableSettings: Sendable, Equatable {
    /// When the table last became billed per request; nil when it never was.
    var payPerRequestSince: Timestamp?
    var throughputHistory = ThroughputHistory()
    var onDemand: OnDemandThroughput?
    /// The highest throughput the table has been prepared for. Nil in definitions older than this member.
    var warm: Throughput?
    /// Nil for the key that AWS owns, which descriptions do not show.
    var encryption: Encryption?
}

/// What is set of a global index beside its keys and projection.
struct IndexSettings: Sendable, Equatable {
    var throughputHistory = ThroughputHistory()
    var onDemand: OnDemandThroughput?
    var warm: Throughput?
}

/// Increases and decreases of provisioned throughput, as descriptions show them.
struct ThroughputHistory: Sendable, Equatable {
    var lastIncrease: Timestamp?
    var lastDecrease: Timestamp?
    /// Decreases on the (UTC) day of the last one.
    var decreases = 0

    private static let day: Int64 = 86_400

    func decreases(onTheDayOf now: Timestamp) -> Int {
        guard let lastDecrease, lastDecrease.seconds / Self.day == now.seconds / Self.day else { return 0 }
        return decreases
    }

    mutating func note(from old: Throughput?, to new: Throughput, at now: Timestamp) {
        let old = old ?? Throughput(read: 0, write: 0)
        if new.read > old.read || new.write > old.write { lastIncrease = now }
        if new.read < old.read || new.write < old.write {
            decreases = decreases(onTheDayOf: now) + 1
            lastDecrease = now
        }
    }
}

/// `OnDemandThroughput`: a member that is nil has no limit.
struct OnDemandThroughput: Sendable, Equatable {
    var maximumRead: Int?
    var maximumWrite: Int?

    /// Nil when there is no limit at all.
    var orNil: OnDemandThroughput? { maximumRead == nil && maximumWrite == nil ? nil : self }
}

/// Encryption with a key of AWS KMS. Recorded and described only: nothing is encrypted locally.
struct Encryption: Sendable, Equatable {
    /// `KMSMasterKeyArn`.
    let keyARN: String
}

extension Throughput {
    /// What AWS prepares a new table for that is billed per request (Amazon DynamoDB Developer Guide, "Initial
    /// throughput for on-demand capacity mode").
    static let onDemandStart = Throughput(read: 12_000, write: 4_000)

    /// The higher value of each kind.
    func highest(_ other: Throughput?) -> Throughput {
        guard let other else { return self }
        return Throughput(read: max(read, other.read), write: max(write, other.write))
    }
}

extension TableDefinition {
    /// What the table is prepared for: at least what is provisioned, and never less than before.
    var warmThroughput: Throughput { (throughput ?? .onDemandStart).highest(settings.warm) }

    func warmThroughput(of index: TableIndex) -> Throughput {
        (throughput == nil ? .onDemandStart : index.throughput ?? .onDemandStart).highest(index.settings.warm)
    }
}
