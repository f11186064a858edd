import Bytes
import Clock
import Store

/// One walk over buckets that have rules. Each step looks at a bounded number of records on a snapshot and then
/// changes, in one commit, those that are due; every change is judged again there, for the record may be another
/// one by then.
struct LifecycleSweep: Sendable {
    /// Records that a step looks at, and changes that it makes, at most.
    static let portion = (looked: 1_000, changed: 100)

    /// Noncurrent versions come before the objects that this sweep makes noncurrent: their days only begin.
    private enum Phase {
        case versions, objects, uploads
    }

    /// The moment as of which rules are due; nil: that of each step.
    private var asOf: Timestamp?
    private var buckets: [String]
    private var phase = Phase.versions
    /// Where the phase goes on in the store; nil: at its start.
    private var cursor: [UInt8]?
    /// Among which versions the walk stands.
    private var stack = VersionStack()
    private(set) var report = LifecycleReport()

    /// - Parameter names: nil for all buckets.
    init(of names: Set<String>?, asOf: Timestamp? = nil, in core: ObjectsCore) throws {
        self.asOf = asOf
        buckets = try core.store.read { snapshot in
            var found: [String] = []
            let range = StorageKeys.allBuckets
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { key, value in
                let name = StorageKeys.bucketName(key)
                guard names?.contains(name) ?? true else { return true }
                guard let bucket = try? BucketRecord(decoding: value) else {
                    core.unreadable.report(key, "The bucket '\(name)'")
                    return true
                }
                if bucket.documents[.lifecycle] != nil { found.append(name) }
                return true
            }
            return found
        }
    }

    /// - Returns: whether there is more to do.
    mutating func step(_ core: ObjectsCore) async throws -> Bool {
        guard let name = buckets.first else { return false }
        guard let rules = try Self.rules(of: name, core) else {
            leaveBucket()
            return !buckets.isEmpty
        }
        let pass = LifecyclePass(
            bucket: name, now: asOf ?? core.clock.now, clock: core.clock.now,
            origin: .service(Hex.encode(UInt64.random(in: .min ... .max)).uppercased()), core: core)
        let found: (changes: [LifecyclePass.Change], next: [UInt8]?)
        switch phase {
        case .objects:
            found = rules.aboutCurrent ? try pass.dueObjects(rules, from: cursor) : ([], nil)
        case .versions:
            found =
                rules.aboutVersions ? try pass.dueVersions(rules, from: cursor, &stack) : ([], nil)
        case .uploads:
            found = rules.aboutUploads ? try pass.dueUploads(rules, from: cursor) : ([], nil)
        }
        var counts = report.buckets[name] ?? LifecycleReport.Counts()
        if !found.changes.isEmpty {
            counts = try await Self.carryOut(found.changes, pass, counts)
        }
        report.buckets[name] = counts
        cursor = found.next
        if cursor == nil { leavePhase() }
        return !buckets.isEmpty
    }

    private static func rules(of name: String, _ core: ObjectsCore) throws -> LifecycleConfiguration? {
        try core.store.read { snapshot in
            let key = StorageKeys.bucket(name)
            guard let bytes = try snapshot.get(.objects, key) else { return nil }
            do throws(RecordError) {
                return try core.lifecycle.rules(of: try BucketRecord(decoding: bytes))
            } catch {
                // The sweep goes on with the buckets behind it.
                core.unreadable.report(key, "The bucket '\(name)', or its lifecycle rules,")
                return nil
            }
        }
    }

    /// All in one commit, unless a record that cannot be read is in the way: then each on its own, and that one not.
    private static func carryOut(
        _ changes: [LifecyclePass.Change], _ pass: LifecyclePass, _ before: LifecycleReport.Counts
    ) async throws -> LifecycleReport.Counts {
        let core = pass.core
        do {
            return try await core.store.commit { transaction in
                var counts = before
                try pass.carryOut(changes, &counts, transaction)
                return counts
            }
        } catch is RecordError {
            guard let change = changes.first else { return before }
            guard changes.count == 1 else {
                var counts = before
                for change in changes { counts = try await carryOut([change], pass, counts) }
                return counts
            }
            core.unreadable.report(change.stored(in: pass.bucket), "A record that is due in '\(pass.bucket)'")
            return before
        }
    }

    private mutating func leavePhase() {
        switch phase {
        case .versions: phase = .objects
        case .objects: phase = .uploads
        case .uploads: leaveBucket()
        }
        stack = VersionStack()
    }

    private mutating func leaveBucket() {
        buckets.removeFirst()
        phase = .versions
        cursor = nil
        stack = VersionStack()
    }
}

extension LifecycleConfiguration {
    fileprivate var aboutCurrent: Bool {
        rules.contains { rule in
            guard rule.isEnabled else { return false }
            if case .at = rule.expiration { return true }
            return !rule.transitions.isEmpty
        }
    }

    fileprivate var aboutVersions: Bool {
        rules.contains { rule in
            rule.isEnabled
                && (rule.noncurrentExpiration != nil || !rule.noncurrentTransitions.isEmpty
                    || rule.expiration != nil)
        }
    }
}
