import Store
import Synchronization

/// Removes parts that were left, with their bodies: a portion with each commit, oldest first.
enum PartRemoval: WorkSource {
    /// Notes and parts that one commit deals with.
    static let portion = 1_000

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        let portion = try core.store.read { try Portion(from: core.removals.start, in: $0, core.unreadable) }
        guard let last = portion.steps.last else { return false }
        try await core.store.commit { transaction in
            for step in portion.steps { try step.carryOut(in: transaction) }
        }
        // A note that is not finished comes first again; what came before it would only be read across.
        core.removals.start = last.next == nil ? last.note + [0] : last.note
        return portion.isFull
    }

    /// What is read on a snapshot: nobody else changes parts that were left.
    private struct Portion: Sendable {
        var steps: [Step] = []
        var isFull = false

        init(from start: [UInt8], in snapshot: Snapshot, _ unreadable: UnreadableRecords) throws {
            var room = PartRemoval.portion
            try snapshot.scan(.objects, from: start, to: StorageKeys.leftPartsEnd) { note, value in
                var step = Step(note: note, stored: value)
                room -= 1
                do {
                    let left = try LeftParts(decoding: value)
                    try left.scan(in: snapshot) { part in
                        guard room > 0 else {
                            step.next = left.going(on: part.place)
                            return false
                        }
                        room -= 1
                        step.parts.append(part)
                        return true
                    }
                    steps.append(step)
                } catch is RecordError {
                    unreadable.report(note, "A note about parts that were left, or one of them,")
                }
                isFull = room <= 0
                return !isFull
            }
        }
    }

    /// What is done about one note.
    private struct Step: Sendable {
        var note: [UInt8]
        /// The note as it was read.
        var stored: [UInt8]
        var parts: [LeftParts.Part] = []
        /// The note about what remains; nil when nothing does.
        var next: LeftParts?

        func carryOut(in transaction: Transaction) throws {
            guard try transaction.get(.objects, note) == stored else { return }
            for part in parts {
                try ObjectsCore.release(part.body, in: transaction)
                transaction.delete(.objects, part.key)
            }
            if let next {
                transaction.put(.objects, note, next.encoded())
            } else {
                transaction.delete(.objects, note)
            }
        }
    }
}

/// Where the removal of parts has come to. Notes are stored in order, so none comes before the first one that is
/// there; after a restart that one is looked for again.
final class RemovalDesk: Sendable {
    private let state = Mutex(StorageKeys.leftParts(0))

    var start: [UInt8] {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
