import Expressions
import JSON
import Store
import Synchronization

extension PagePlan {
    /// Bytes of items that are read on the calling thread. That is the one that serves all connections, and a
    /// page may take milliseconds; but going to another thread and back costs more than a small page.
    static let bytesReadAtOnce = 32 << 10

    /// The page as JSON text. What turns out to be large is read on another thread, from the start, so that a
    /// page shows the state of one moment.
    func text(_ environment: TableEnvironment) async throws -> [UInt8] {
        let store = environment.store
        guard environment.runBlocking != nil else { return try text(store, within: .max) ?? [] }
        if let text = try text(store, within: Self.bytesReadAtOnce) { return text }
        return try await environment.elsewhere { try text(store, within: .max) ?? [] }
    }

    /// - Parameter limit: bytes of items.
    /// - Returns: nil when the page has more bytes of items than that.
    private func text(_ store: Store, within limit: Int) throws -> [UInt8]? {
        try store.read { snapshot in
            if isPlain { return try plainText(snapshot, within: limit) }
            let page = try page(snapshot, within: limit)
            return page.bytes > limit ? nil : page.json.encoded()
        }
    }

    /// Whether what is returned of an item is all of it.
    private var isPlain: Bool { projection == nil && shape == nil && source.index?.projected == nil }

    private func plainText(_ snapshot: Snapshot, within limit: Int) throws -> [UInt8]? {
        var text = JSONText(capacity: 4096)
        var totals = PageTotals()
        var last: [UInt8]?
        text.append(byte: 0x7B)
        if select != "COUNT" { text.append("\"Items\":[") }
        let isLong = limit > Self.bytesReadAtOnce
        try snapshot.visit(source.keyspace, from: from, to: to, reverse: isReverse, isLong: isLong) {
            _, value in
            try visitItem(value, snapshot) { stored in
                try take(stored, &totals, to: &text)
                if totals.scanned == self.limit || totals.bytes >= PagePlan.maximumBytes {
                    last = Array(stored)
                    return false
                }
                return totals.bytes <= limit
            }
        }
        if totals.bytes > limit { return nil }
        text.append(select == "COUNT" ? "\"Count\":" : "],\"Count\":")
        text.append(number: totals.count)
        text.append(",\"ScannedCount\":")
        text.append(number: totals.scanned)
        if let last {
            text.append(",\"LastEvaluatedKey\":")
            text.append(value: source.position(of: try Item(decoding: last)).json)
        }
        var consumption = Consumption()
        let units = Consumption.read(bytes: totals.bytes, isConsistent: isConsistent)
        if let index = source.index { consumption.add(units, to: index) } else { consumption.table = units }
        ItemText.append(consumption, source.table, level, to: &text)
        text.append(byte: 0x7D)
        return text.bytes
    }

    /// An index entry leads to its item.
    private func visitItem(
        _ value: UnsafeRawBufferPointer, _ snapshot: Snapshot,
        _ body: (UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        guard let index = source.index else { return try body(value) }
        return try snapshot.visit(.items, value) { stored in
            guard let stored else {
                throw StoreError.corrupt("an index entry of \(index.name) refers to no item")
            }
            return try body(stored)
        }
    }

    private func take(
        _ stored: UnsafeRawBufferPointer, _ totals: inout PageTotals, to text: inout JSONText
    ) throws {
        totals.scanned += 1
        var passes = true
        if let filter {
            let item = try Item(decoding: Array(stored))
            passes = filter.evaluate(item)
            if !passes || select == "COUNT" { totals.bytes += item.itemSize }
        } else if select == "COUNT" {
            totals.bytes += try Item(decoding: Array(stored)).itemSize
        }
        guard passes else { return }
        if select != "COUNT" {
            if totals.count > 0 { text.append(byte: 0x2C) }
            totals.bytes += try StoredItem.append(stored, to: &text)
        }
        totals.count += 1
    }
}

/// What a page counts while it grows.
private struct PageTotals {
    var count = 0
    var scanned = 0
    /// Of items that were evaluated, returned or not.
    var bytes = 0
}

extension TableEnvironment {
    /// Runs work that may take long on another thread.
    func elsewhere<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        guard let runBlocking else { return try work() }
        let outcome = Outcome<R>()
        try await runBlocking {
            let result = Result { try work() }
            outcome.result.withLock { $0 = result }
        }
        guard let result = outcome.result.withLock({ $0 }) else { throw StoreError.closed }
        return try result.get()
    }
}

private final class Outcome<R: Sendable>: Sendable {
    let result = Mutex<Result<R, any Error>?>(nil)
}
