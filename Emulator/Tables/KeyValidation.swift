import AWSProtocol
import Expressions

/// Checks of keys and of key attributes inside items.
extension Table {
    static let maximumHashBytes = 2048
    static let maximumRangeBytes = 1024
    static let maximumItemBytes = 409_600

    /// A `Key` parameter: exactly the key attributes, of their types.
    func check(key: Item) throws {
        guard key.count == keys.all.count else { throw TableErrors.keyMismatch }
        for attribute in keys.all {
            guard let value = key[attribute.name], value.type == attribute.type else {
                throw TableErrors.keyMismatch
            }
        }
        try checkKeyValues(key)
    }

    /// The key attributes of a whole item, of the table's key and of all indexes.
    func check(item: Item) throws {
        for attribute in keys.all {
            guard let value = item[attribute.name] else {
                throw TableErrors.invalidParameter("Missing the key \(attribute.name) in the item")
            }
            guard value.type == attribute.type else {
                throw TableErrors.invalidParameter(
                    "Type mismatch for key \(attribute.name) expected: \(attribute.type.rawValue) "
                        + "actual: \(value.typeName)")
            }
        }
        try checkKeyValues(item)
        try checkIndexKeys(item)
    }

    /// Emptiness and size of the table's key.
    private func checkKeyValues(_ item: Item) throws {
        for attribute in keys.all {
            guard let value = item[attribute.name], value.size == 0 else { continue }
            throw TableErrors.validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                    + "contain an empty \(Self.longType(attribute)) value. Key: \(attribute.name)")
        }
        try checkKeySizes(keys, item)
    }

    private static func longType(_ attribute: KeyAttribute) -> String {
        attribute.type == .b ? "binary" : "string"
    }

    private func checkKeySizes(_ keys: KeySchema, _ item: Item) throws {
        let hash = keys.hash.reduce(0) { $0 + (item[$1.name]?.size ?? 0) }
        if hash > Self.maximumHashBytes {
            throw TableErrors.invalidParameter(
                "Size of hashkey has exceeded the maximum size limit of\(Self.maximumHashBytes) bytes")
        }
        let range = keys.range.reduce(0) { $0 + (item[$1.name]?.size ?? 0) }
        if range > Self.maximumRangeBytes {
            throw TableErrors.invalidParameter(
                "Aggregated size of all range keys has exceeded the size limit of "
                    + "\(Self.maximumRangeBytes) bytes")
        }
    }

    /// Those attributes of an item that are keys of indexes.
    func checkIndexKeys(_ item: Item) throws {
        for index in indexes {
            for attribute in index.keys.all where !keys.contains(attribute.name) {
                guard let value = item[attribute.name] else { continue }
                guard value.type == attribute.type else {
                    throw TableErrors.invalidParameter(
                        "Type mismatch for Index Key \(attribute.name) Expected: \(attribute.type.rawValue) "
                            + "Actual: \(value.typeName) IndexName: \(index.name)")
                }
                guard value.size > 0 else {
                    throw TableErrors.validation(
                        "One or more parameter values are not valid. A value specified for a secondary index "
                            + "key is not supported. The AttributeValue for a key attribute cannot contain "
                            + "an empty \(Self.longType(attribute)) value. IndexName: \(index.name), "
                            + "IndexKey: \(attribute.name)")
                }
            }
            try checkKeySizes(index.keys, item)
        }
    }

    /// What an update made: depth, index key attributes, size. Depth comes first, as all else descends.
    /// Values that an index cannot hold, there from before the index, may stay: the item is just not in it.
    func checkUpdated(_ item: Item, from old: Item?) throws(ValidationError) {
        if item.contains(where: { $0.value.isNestedTooDeep }) { throw AttributeValue.nestingError }
        for index in indexes {
            let changed = index.keys.all.filter { !keys.contains($0.name) && item[$0.name] != old?[$0.name] }
            if changed.isEmpty { continue }
            for attribute in changed {
                guard let value = item[attribute.name] else { continue }
                guard value.type == attribute.type else {
                    throw ValidationError(
                        "The update expression attempted to update the secondary index key to "
                            + "unsupported type")
                }
                guard value.size > 0 else {
                    throw ValidationError(
                        "One or more parameter values are not valid. The update expression attempted to "
                            + "update a secondary index key to a value that is not supported. The "
                            + "AttributeValue for a key attribute cannot contain an empty "
                            + "\(Self.longType(attribute)) value.")
                }
            }
            do {
                try checkKeySizes(index.keys, item)
            } catch {
                throw ValidationError(TableErrors.from(error).message ?? "")
            }
        }
        guard item.itemSize <= Self.maximumItemBytes else { throw Self.updateTooLarge }
    }

    private static let updateTooLarge = ValidationError(
        "Item size to update has exceeded the maximum allowed size")

    /// AWS also limits what a lone UpdateItem writes, by a measure of its own. It matters only next to the
    /// limit, so smaller items are not measured.
    func checkWritten(by update: UpdateExpression, _ new: Item) throws(ValidationError) {
        guard new.itemSize > Self.maximumItemBytes - UpdateExpression.maximumOverhead else { return }
        guard update.writtenSize(in: new) <= Self.maximumItemBytes else { throw Self.updateTooLarge }
    }

    /// Keys hold no documents, so no path may lead into one.
    func check(paths: [DocumentPath]) throws {
        for path in paths where path.isNested {
            let text =
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
            if keys.contains(path.head) { throw TableErrors.validation("\(text)Key: \(path.head)") }
            if indexes.contains(where: { $0.keys.contains(path.head) }) {
                throw TableErrors.validation("\(text)IndexKey: \(path.head)")
            }
        }
    }

    func check(update: UpdateExpression) throws {
        for path in update.paths where keys.contains(path.head) {
            throw TableErrors.invalidParameter(
                "Cannot update attribute \(path.head). This attribute is part of the key")
        }
        try check(paths: update.paths + update.sources)
    }

    /// Only the key attributes of an item.
    func key(of item: Item) -> Item {
        var key = Item()
        for attribute in keys.all { key[attribute.name] = item[attribute.name] }
        return key
    }

    static func checkSize(_ item: Item) throws {
        guard item.itemSize <= maximumItemBytes else {
            throw TableErrors.validation("Item size has exceeded the maximum allowed size")
        }
    }
}
