import Bytes
import Digests
import Expressions
import JSON
import PartiQL
import Store

/// Where a SELECT goes on: the read, and the item after which it had stopped; nil for the beginning of it.
struct SelectPosition: Sendable {
    let read: Int
    let key: Item?
}

extension SelectPlan {
    struct Result: Sendable {
        var rows: [JSONValue] = []
        var consumption = Consumption()
        /// Nil at the end.
        var next: SelectPosition?
    }

    /// One page: up to `limit` items evaluated and 1 MB.
    func page(_ snapshot: Snapshot, from start: SelectPosition?, limit: Int?) throws -> Result {
        var result = Result()
        var (scanned, bytes) = (0, 0)
        if let start { try check(start) }
        var position = start ?? SelectPosition(read: 0, key: nil)
        while position.read < reads.count {
            switch reads[position.read] {
            case .item(let key):
                let item = try ItemWriter.read(snapshot, key)
                let size = item?.itemSize ?? 0
                result.consumption.table += Consumption.read(bytes: size, isConsistent: isConsistent)
                scanned += item == nil ? 0 : 1
                bytes += size
                if let item, statement.condition?.evaluate(item) ?? true {
                    result.rows.append(statement.row(item).json)
                }
            case .range(let from, let to):
                let plan = try pagePlan(from, to, after: position.key, limit: limit.map { $0 - scanned })
                guard Self.isOpen(plan.from, plan.to) else { break }
                let page = try plan.page(snapshot)
                result.rows += page.items
                result.consumption = result.consumption + page.consumption
                scanned += page.scanned
                bytes += page.bytes
                if let last = page.lastKey {
                    result.next = SelectPosition(read: position.read, key: last)
                    return result
                }
            }
            position = SelectPosition(read: position.read + 1, key: nil)
            if scanned == limit || bytes >= PagePlan.maximumBytes, position.read < reads.count {
                result.next = position
                return result
            }
        }
        return result
    }

    /// A token's content is the client's word, so it is checked like any other parameter.
    private func check(_ start: SelectPosition) throws {
        guard reads.indices.contains(start.read) else { throw SelectToken.mismatch }
        guard let key = start.key else { return }
        guard case .range = reads[start.read] else { throw SelectToken.mismatch }
        try source.check(startKey: key)
        try source.check(tablePartOf: key)
    }

    private func pagePlan(
        _ from: [UInt8], _ to: [UInt8]?, after key: Item?, limit: Int?
    ) throws -> PagePlan {
        var (from, to) = (from, to)
        if let key { (from, to) = try source.range((from, to), after: key, isReverse: isReverse) }
        // What the filter reads is no reason to fetch items beside a local index.
        let filter = statement.condition.map { ConditionExpression(root: $0.root, paths: []) }
        let columns = statement.columns?.map { DocumentPath(head: $0.path.head) }
        let statement = statement
        return PagePlan(
            source: source, from: from, to: to, isReverse: isReverse, limit: limit, filter: filter,
            projection: columns.map { ProjectionExpression(paths: $0) }, select: nil,
            isConsistent: isConsistent, level: .none, shape: { statement.row($0) })
    }
}

/// `NextToken`: a position, sealed with what it belongs to. It is only taken back for the same statement with
/// the same parameters on the same table, and unaltered.
struct SelectToken {
    private static let sealLength = 32

    static let mismatch = TableErrors.validation("NextToken does not match request")

    let source: PageSource
    let input: StatementInput

    private func seal(_ body: [UInt8]) -> [UInt8] {
        let parts = [
            Array(source.table.definition.uuid.utf8), KeyEncoding.prefix(source.id),
            Array((input.text ?? "").utf8), input.original.encoded(), body,
        ]
        return SHA256.hash(parts.flatMap { part in Array("\(part.count):".utf8) + part })
    }

    func encode(_ position: SelectPosition) -> String {
        var object = JSONObject()
        object.append("read", .number(JSONNumber(position.read)))
        if let key = position.key { object.append("key", key.json) }
        let body = JSONValue.object(object).encoded()
        return Base64.encode(seal(body) + body)
    }

    /// - Throws: `ValidationException`.
    func decode(_ text: String) throws -> SelectPosition {
        guard let bytes = Base64.decode(text), bytes.count > Self.sealLength else {
            throw TableErrors.validation("Invalid NextToken")
        }
        let body = Array(bytes[Self.sealLength...])
        guard Array(bytes[..<Self.sealLength]) == seal(body), let json = try? JSONValue.parse(body),
            let read = json["read"]?.int
        else { throw Self.mismatch }
        return SelectPosition(read: read, key: try json["key"].map { try Item(json: $0) })
    }
}
