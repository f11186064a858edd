import Expressions
import JSON

extension GetItem {
    /// What nearly all requests are: a table, the key of an item, maybe `ConsistentRead`. Read without a tree and
    /// without the parameters that are not there.
    /// - Returns: nil for everything else, be it more or wrong: the usual way knows what to do or to say.
    static func plainPlan(_ body: [UInt8], _ environment: TableEnvironment) -> Plan? {
        guard let request = body.withUnsafeBufferPointer(PlainRequest.init),
            let table = environment.catalog.find(request.tableName), !table.isRestoring,
            let key = itemKey(of: table, request.key)
        else { return nil }
        return Plan(
            table: table, key: key, projection: nil, isConsistent: request.isConsistent, level: .none)
    }

    /// Nil unless these are exactly the attributes of the table's key, each of its type and of a good size.
    private static func itemKey(of table: Table, _ key: [PlainRequest.Attribute]) -> [UInt8]? {
        guard key.count == table.keys.all.count else { return nil }
        func value(_ attribute: KeyAttribute, to limit: Int) -> AttributeValue? {
            for given in key where UTF8Order.equal(given.name, attribute.name) {
                let isGood = given.value.type == attribute.type && (1...limit).contains(given.value.size)
                return isGood ? given.value : nil
            }
            return nil
        }
        guard let hash = value(table.hashKey, to: Table.maximumHashBytes) else { return nil }
        var bytes = KeyEncoding.partition(table.id, [hash])
        if let attribute = table.rangeKey {
            guard let range = value(attribute, to: Table.maximumRangeBytes) else { return nil }
            KeyEncoding.append(range, to: &bytes)
        }
        return bytes
    }
}

/// The members of a plain GetItem, each of which came once.
private struct PlainRequest {
    typealias Attribute = (name: String, value: AttributeValue)

    private(set) var tableName = ""
    private(set) var key: [Attribute] = []
    private(set) var isConsistent = false

    init?(_ body: UnsafeBufferPointer<UInt8>) {
        var reader = JSONReader(body)
        var (hasTable, hasKey, hasConsistency) = (false, false, false)
        reader.enterObject()
        while let member = reader.nextName() {
            switch member {
            case "TableName" where !hasTable:
                guard let name = reader.string() else { return nil }
                tableName = name
                hasTable = true
            case "Key" where !hasKey:
                guard readKey(&reader) else { return nil }
                hasKey = true
            case "ConsistentRead" where !hasConsistency:
                guard let flag = reader.bool() else { return nil }
                isConsistent = flag
                hasConsistency = true
            default: return nil
            }
        }
        guard reader.isComplete(), hasTable, hasKey else { return nil }
    }

    private mutating func readKey(_ reader: inout JSONReader) -> Bool {
        key.reserveCapacity(2)
        reader.enterObject()
        while let name = reader.nextName() {
            let name = name.text
            guard key.count < 2, let value = AttributeValue(plain: &reader) else { return false }
            key.append((name, value))
        }
        return !reader.hasFailed
    }
}
