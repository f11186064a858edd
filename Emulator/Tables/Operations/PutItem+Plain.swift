import Expressions
import JSON

extension PutItem {
    /// A table and an item, and nothing else. As ``GetItem/plainPlan(_:_:)``.
    static func plainPlan(_ body: [UInt8], _ environment: TableEnvironment) -> Plan? {
        guard let (tableName, item) = body.withUnsafeBufferPointer(plainRequest),
            let table = environment.catalog.find(tableName), !table.isRestoring,
            (try? Table.checkSize(item)) != nil, (try? table.check(item: item)) != nil
        else { return nil }
        return Plan(
            table: table, item: item, key: KeyEncoding.itemKey(table, item),
            condition: ItemCondition(expression: nil, returnsItem: false), returnsOld: false,
            response: WriteResponse(table))
    }

    private static func plainRequest(_ body: UnsafeBufferPointer<UInt8>) -> (tableName: String, item: Item)? {
        var reader = JSONReader(body)
        var tableName: String?
        var item: Item?
        reader.enterObject()
        while let member = reader.nextName() {
            switch member {
            case "TableName" where tableName == nil:
                guard let name = reader.string() else { return nil }
                tableName = name
            case "Item" where item == nil:
                guard let plain = Item(plain: &reader) else { return nil }
                item = plain
            default: return nil
            }
        }
        guard reader.isComplete(), let tableName, let item else { return nil }
        return (tableName, item)
    }
}

extension WriteResponse {
    /// Of a request that asks for nothing.
    init(_ table: Table) {
        self.init(table: table, level: .none, wantsMetrics: false)
    }
}
