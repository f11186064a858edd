import AWSProtocol
import Clock
import Expressions
import Store

/// One change of a definition as it is made, together with what the answer to it shows. AWS's answers show some
/// values as they were and others as they will be; the reference for each is a recorded answer of October 2026.
struct TableChange {
    let input: UpdateTableInput
    let environment: TableEnvironment
    let now: Timestamp
    let before: TableDefinition
    var definition: TableDefinition
    var answer: TableDescription

    init(_ definition: TableDefinition, _ input: UpdateTableInput, _ environment: TableEnvironment) {
        self.input = input
        self.environment = environment
        now = environment.clock.now
        before = definition
        self.definition = definition
        answer = environment.description(of: definition)
    }

    mutating func apply(in transaction: Transaction) throws {
        try changeIndexes(in: transaction)
        try changeCapacity()
        try changeStream(in: transaction)
        try changeWarmThroughput()
        try changeOnDemandThroughput()
        try changeEncryption()
        if let tableClass = input.tableClass {
            // A table that has always been in the standard class stays without a summary.
            if tableClass != "STANDARD" || before.tableClass != nil { definition.tableClass = tableClass }
            answer.status = "UPDATING"
        }
        if let isProtected = input.isProtected {
            definition.isProtected = isProtected
            answer.show { $0.isProtected = isProtected }
        }
    }

    var isOnDemand: Bool { definition.throughput == nil }

    // MARK: billing and provisioned throughput

    private mutating func changeCapacity() throws {
        guard input.billingMode != nil || input.throughput != nil else { return }
        answer.status = "UPDATING"
        let wantsOnDemand = input.billingMode.map { $0 == "PAY_PER_REQUEST" } ?? (before.throughput == nil)
        guard !wantsOnDemand else { return try becomeOnDemand() }
        guard let throughput = input.throughput?.value else {
            throw TableErrors.invalidParameter(
                "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
        }
        if before.throughput == throughput { throw Self.unchanged(throughput, "the table", "the table") }
        definition.throughput = throughput
        definition.settings.throughputHistory.note(from: before.throughput, to: throughput, at: now)
        definition.settings.warm = before.warmThroughput.highest(throughput)
        guard before.throughput == nil else {
            let history = definition.settings.throughputHistory
            return answer.show { $0.settings.throughputHistory = history }
        }
        definition.settings.onDemand = nil
        for position in definition.indexes.indices where definition.indexes[position].kind == .global {
            definition.indexes[position].settings.onDemand = nil
            guard definition.indexes[position].throughput != nil else {
                throw TableErrors.invalidParameter(
                    "ProvisionedThroughput must be specified for index: \(definition.indexes[position].name)")
            }
        }
        answer.isUnfinished = true
        answer.show { [definition] in
            $0.throughput = definition.throughput
            $0.settings = definition.settings
            $0.indexes = definition.indexes
        }
    }

    private mutating func becomeOnDemand() throws {
        guard input.throughput == nil else {
            throw TableErrors.invalidParameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                    + "PAY_PER_REQUEST")
        }
        guard before.throughput != nil else { return }
        // What the indexes are prepared for goes by what was provisioned for them, so it comes first.
        for position in definition.indexes.indices where definition.indexes[position].kind == .global {
            let index = definition.indexes[position]
            definition.indexes[position].settings.warm = definition.warmThroughput(of: index)
            definition.indexes[position].throughput = nil
        }
        definition.settings.warm = definition.warmThroughput.highest(.onDemandStart)
        definition.throughput = nil
        definition.settings.payPerRequestSince = now
        answer.isUnfinished = true
        answer.show { [definition] in
            $0.throughput = nil
            $0.settings = definition.settings
            $0.indexes = definition.indexes
        }
    }

    static func unchanged(_ throughput: Throughput, _ subject: String, _ owner: String) -> AWSError {
        TableErrors.validation(
            "The provisioned throughput for \(subject) will not change. The requested value equals the "
                + "current value. Current ReadCapacityUnits provisioned for \(owner): \(throughput.read). "
                + "Requested ReadCapacityUnits: \(throughput.read). Current WriteCapacityUnits provisioned "
                + "for \(owner): \(throughput.write). Requested WriteCapacityUnits: \(throughput.write). "
                + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
                + "limits.")
    }

    // MARK: other settings

    private mutating func changeWarmThroughput() throws {
        guard let warm = input.warm else { return }
        try warm.checkIncrease(.table, from: before.warmThroughput)
        definition.settings.warm = warm.applied(to: before.warmThroughput)
        answer.warmStatus = "UPDATING"
    }

    private mutating func changeOnDemandThroughput() throws {
        guard let onDemand = input.onDemand else { return }
        try onDemand.checkMode(isOnDemand: isOnDemand, .table)
        definition.settings.onDemand = onDemand.applied(to: before.settings.onDemand)
        let limits = definition.settings.onDemand
        answer.show { $0.settings.onDemand = limits }
    }

    private mutating func changeEncryption() throws {
        guard let encryption = input.encryption else { return }
        let current = before.settings.encryption
        if !encryption.wantsKey, current == nil {
            throw TableErrors.invalidParameter("Table is already encrypted by default")
        }
        if let current, encryption.keyID == current.keyARN {
            throw TableErrors.invalidParameter(
                "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want "
                    + "to change Master Key")
        }
        definition.settings.encryption = encryption.encryption(environment)
        answer.encryptionStatus = "UPDATING"
        // A change of the key shows the old one for a while, the first key itself at once.
        if current == nil {
            answer.show { [definition] in $0.settings.encryption = definition.settings.encryption }
        }
    }

    private mutating func changeStream(in transaction: Transaction) throws {
        guard let stream = input.stream else { return }
        try StreamSwitch.apply(stream, to: &definition, in: transaction)
        answer.status = "UPDATING"
        answer.show { [definition] in
            $0.stream = definition.stream
            $0.latestStream = definition.latestStream
        }
    }
}

extension TableDescription {
    /// The same description of a changed definition.
    mutating func show(_ change: (inout TableDefinition) -> Void) {
        var shown = definition
        change(&shown)
        let old = self
        self = TableDescription(
            definition: shown, location: old.location, now: old.now, statistics: old.statistics,
            status: old.status, indexStatus: old.indexStatus, encryptionStatus: old.encryptionStatus,
            warmStatus: old.warmStatus, isUnfinished: old.isUnfinished)
    }
}
