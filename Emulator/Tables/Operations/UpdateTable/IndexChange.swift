import AWSProtocol
import Expressions
import Store

/// `GlobalSecondaryIndexUpdates`.
extension TableChange {
    mutating func changeIndexes(in transaction: Transaction) throws {
        for update in input.indexUpdates ?? [] {
            if let creation = update.create {
                try create(creation, in: transaction)
            } else if let change = update.update {
                try self.update(change)
            } else {
                try delete(update.name, in: transaction)
            }
        }
    }

    /// Whether the table is billed per request once this request is done.
    private var willBeOnDemand: Bool {
        input.billingMode.map { $0 == "PAY_PER_REQUEST" } ?? (before.throughput == nil)
    }

    // MARK: create

    private mutating func create(_ creation: TableInput.IndexInput, in transaction: Transaction) throws {
        let name = creation.name ?? ""
        if let existing = before.indexes.first(where: { $0.name == name }) {
            if existing.isBackfilling { throw busy(existing, "created") }
            throw TableErrors.validation("Attempting to create an index which already exists")
        }
        guard let given = input.rawDefinitions else {
            throw TableErrors.invalidParameter("AttributeDefinitions is not specified for index: \(name)")
        }
        let definitions = merged(given)
        let keys = try TableInput.keys(creation.keySchema ?? [], definitions, multiple: true)
        try checkTypes(of: keys, given)
        let projection = try TableInput.projection(creation)
        try checkThroughput(creation)
        guard !before.indexes.contains(where: \.isBackfilling) else {
            throw TableErrors.limitExceeded(UpdateTable.oneOnlineIndex)
        }
        guard before.indexes.count(where: { $0.kind == .global }) < TableIndex.maximumGlobal else {
            throw TableErrors.limitExceeded(
                "Number of global secondary indexes exceeds per-table limit of \(TableIndex.maximumGlobal)")
        }
        let nonKeyAttributes = creation.nonKeyAttributes ?? []
        let projected = before.indexes.reduce(nonKeyAttributes.count) { $0 + $1.nonKeyAttributes.count }
        guard projected <= TableIndex.maximumProjected else {
            throw TableErrors.limitExceeded(
                "Number of NonKeyAttributes of all indexes, \(projected), exceeds per-table limit of "
                    + "\(TableIndex.maximumProjected)")
        }
        let plan = IndexPlan(
            kind: .global, name: name, keys: keys, projection: projection, nonKeyAttributes: nonKeyAttributes,
            throughput: creation.throughput?.value,
            settings: try creation.settings(throughput: creation.throughput?.value))
        var index = plan.index(id: try Catalog.takeIDs(1, in: transaction).lowerBound, tableKeys: before.keys)
        index.isBackfilling = true
        definition.indexes.append(index)
        definition.attributes = used(of: definitions)
        IndexBackfill.begin(index, of: definition, in: transaction)
        answer.status = "UPDATING"
        answer.show { [definition] in
            $0.indexes.append(index)
            $0.attributes = definition.attributes
        }
        answer.indexStatus[name] = "CREATING"
    }

    private func checkThroughput(_ creation: TableInput.IndexInput) throws {
        let name = creation.name ?? ""
        if willBeOnDemand, creation.throughput != nil {
            throw TableErrors.invalidParameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: \(name) when "
                    + "BillingMode is PAY_PER_REQUEST")
        }
        if !willBeOnDemand, creation.throughput == nil {
            throw TableErrors.invalidParameter(
                "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: \(name)")
        }
    }

    /// What the table knows already stays; the request adds to it.
    private func merged(_ given: [TableInput.Definition]) -> [KeyAttribute] {
        var result = before.attributes
        for definition in given {
            guard let name = definition.name,
                let type = definition.type.flatMap(AttributeType.init(rawValue:)),
                !result.contains(where: { UTF8Order.equal($0.name, name) })
            else { continue }
            result.append(KeyAttribute(name: name, type: type))
        }
        return result
    }

    /// An attribute has one type in all keys that it is part of.
    private func checkTypes(of keys: KeySchema, _ given: [TableInput.Definition]) throws {
        func asGiven(_ attribute: KeyAttribute) -> KeyAttribute {
            let definition = given.first { $0.name.map { UTF8Order.equal($0, attribute.name) } == true }
            let type = definition?.type.flatMap(AttributeType.init(rawValue:))
            return KeyAttribute(name: attribute.name, type: type ?? attribute.type)
        }
        let new = KeySchema(hash: keys.hash.map(asGiven), range: keys.range.map(asGiven))
        guard let changed = zip(keys.all, new.all).first(where: { $0 != $1 })?.0 else { return }
        let existing =
            ([before.keys] + before.indexes.map(\.keys)).first { $0.contains(changed.name) } ?? keys
        throw TableErrors.invalidParameter(
            "Attributes cannot be redefined. Please check that your attribute has the same type as previously "
                + "defined. Existing schema: \(existing.errorText) New schema: \(new.errorText)")
    }

    /// Those of the attributes that are in a key.
    private func used(of attributes: [KeyAttribute]) -> [KeyAttribute] {
        attributes.filter { attribute in
            definition.keys.contains(attribute.name)
                || definition.indexes.contains { $0.keys.contains(attribute.name) }
        }
    }

    // MARK: update

    private mutating func update(_ change: IndexUpdateInput.Change) throws {
        let name = change.name ?? ""
        let position = try self.position(name, verb: "update")
        let old = definition.indexes[position]
        let owner = ThroughputOwner.index(name)
        if old.isBackfilling { throw busy(old, "created") }
        if willBeOnDemand {
            guard change.throughput == nil, change.onDemand?.isEmpty == false || change.warm != nil else {
                throw TableErrors.invalidParameter(
                    "The only Updates for index: \(name) when TableThroughputMode is PAY_PER_REQUEST can be to "
                        + "OnDemandThroughput, WarmThroughput")
            }
        } else if change.throughput == nil, change.onDemand == nil, change.warm == nil {
            throw TableErrors.invalidParameter("ProvisionedThroughput must be specified for index: \(name)")
        }
        answer.indexStatus[name] = "UPDATING"
        if let throughput = change.throughput?.value {
            if before.throughput != nil, old.throughput == throughput {
                throw Self.unchanged(throughput, "the index \(name)", "index \(name)")
            }
            definition.indexes[position].settings.throughputHistory.note(
                from: old.throughput, to: throughput, at: now)
            definition.indexes[position].settings.warm = before.warmThroughput(of: old).highest(throughput)
            definition.indexes[position].throughput = throughput
        }
        if let onDemand = change.onDemand {
            try onDemand.checkMode(isOnDemand: willBeOnDemand, owner)
            definition.indexes[position].settings.onDemand = onDemand.applied(to: old.settings.onDemand)
            let limits = definition.indexes[position].settings.onDemand
            // The answer may still show an index that this request deletes.
            answer.show { shown in
                guard let place = shown.indexes.firstIndex(where: { $0.id == old.id }) else { return }
                shown.indexes[place].settings.onDemand = limits
            }
        }
        if let warm = change.warm {
            try warm.checkIncrease(owner, from: before.warmThroughput(of: old))
            definition.indexes[position].settings.warm = warm.applied(to: before.warmThroughput(of: old))
            answer.warmStatus = "UPDATING"
            if change.throughput == nil, change.onDemand == nil { answer.indexStatus[name] = nil }
        }
    }

    // MARK: delete

    private mutating func delete(_ name: String, in transaction: Transaction) throws {
        let position = try self.position(name, verb: "delete")
        let index = definition.indexes[position]
        guard !before.indexes.contains(where: { $0.isBackfilling && $0.id != index.id }) else {
            throw TableErrors.limitExceeded(UpdateTable.oneOnlineIndex)
        }
        definition.indexes.remove(at: position)
        definition.attributes = used(of: definition.attributes)
        try IndexBackfill.drop(index, in: transaction)
        answer.status = "UPDATING"
        answer.show { shown in
            for position in shown.indexes.indices where shown.indexes[position].id == index.id {
                shown.indexes[position].isBackfilling = false
            }
        }
        answer.indexStatus[name] = "DELETING"
    }

    // MARK: -

    private func position(_ name: String, verb: String) throws -> Int {
        guard let position = definition.indexes.firstIndex(where: { $0.name == name }) else {
            throw TableErrors.resourceNotFound("Index \(name) for table \(before.name)")
        }
        guard definition.indexes[position].kind == .global else {
            throw TableErrors.validation(
                "Cannot \(verb) an index that is not a GlobalSecondaryIndex: \(name)")
        }
        return position
    }

    private func busy(_ index: TableIndex, _ what: String) -> AWSError {
        TableErrors.inUse("Index is being \(what). Table: \(before.name) Index: \(index.name)")
    }
}

extension KeySchema {
    /// As AWS shows it when two of them do not agree.
    fileprivate var errorText: String {
        let elements = hash.map { ($0, "HASH") } + range.map { ($0, "RANGE") }
        let texts = elements.map { "SchemaElement: key{\($0.name):\($0.type.rawValue):\($1)}" }
        return "Schema:[\(texts.joined(separator: ", "))]"
    }
}
