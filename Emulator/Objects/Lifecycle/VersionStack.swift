import Clock
import Store

/// Where a walk over versions stands within those of one key.
struct VersionStack: Sendable {
    var key: [UInt8]?
    /// When the version above was made; nil at the top of the stack.
    var above: Timestamp?
    /// The newest noncurrent versions above, by their order; no more than rules may keep.
    var newest: [UInt64] = []
}

/// Which of the versions that a walk has seen are still there in the commit that it leads to. Each is looked up
/// once.
struct SurvivingVersions {
    private var key: [UInt8]?
    private var isThere: [UInt64: Bool] = [:]
    /// A delete marker that has become the newest version of all by now, and so is no noncurrent one.
    private var newestMarker: UInt64?

    /// How many of `orders` are still there and noncurrent.
    mutating func count(
        of orders: [UInt64], _ versions: Versions, in transaction: Transaction
    ) throws -> Int {
        if key != versions.key {
            (key, isThere) = (versions.key, [:])
            newestMarker = try versions.newest(in: transaction).flatMap { $0.isDeleteMarker ? $0.order : nil }
        }
        var count = 0
        for order in orders where order != newestMarker {
            let found = try isThere[order] ?? versions.hasAside(order, in: transaction)
            isThere[order] = found
            if found { count += 1 }
        }
        return count
    }

    /// The version of that order was removed in this commit.
    mutating func remove(_ order: UInt64) { isThere[order] = false }
}

extension LifecycleConfiguration {
    /// The greatest number of noncurrent versions that any rule keeps.
    var mostKept: Int {
        rules.reduce(0) { most, rule in
            let kept =
                [rule.noncurrentExpiration?.kept] + rule.noncurrentTransitions.map(\.noncurrent.kept)
            return max(most, kept.compactMap(\.self).max() ?? 0)
        }
    }
}
