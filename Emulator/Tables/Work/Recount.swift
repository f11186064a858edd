import Expressions
import Store

/// Counts, once, the items of tables made before counters were kept. In one commit each: what is counted must
/// not change meanwhile.
struct Recount: WorkSource {
    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        guard let table = environment.catalog.all.first(where: { !$0.definition.isCounted }) else {
            return false
        }
        try await environment.changeDefinition(table.name) { transaction in
            let table = try table.newest(in: transaction)
            let totals = try count(table, transaction)
            for (owner, total) in totals {
                for (counter, value) in [(TableCounter.items, total.items), (.bytes, total.bytes)] {
                    let id = counter.id(owner)
                    try transaction.count(id, by: Int64(value) - transaction.counter(id))
                }
            }
            Catalog.write(table.with { $0.isCounted = true }, in: transaction)
        }
        return true
    }

    /// What the table and each of its indexes hold, by their ids.
    static func count(_ table: Table, _ source: some Reading) throws -> [UInt32: TableStatistics] {
        var totals = [table.id: TableStatistics()]
        for index in table.indexes { totals[index.id] = TableStatistics() }
        let prefix = KeyEncoding.prefix(table.id)
        try source.scan(.items, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { key, value in
            let item = try Item(decoding: value)
            totals[table.id, default: .init()].add(item)
            for index in table.indexes {
                guard let entry = KeyEncoding.entryKey(index, item, itemKey: key) else { continue }
                // The backfill counts the entries that it adds.
                if index.isBackfilling, try source.get(.indexEntries, entry) == nil { continue }
                totals[index.id, default: .init()].add(index.view(of: item))
            }
            return true
        }
        return totals
    }
}
