import Clock
import Synchronization

/// The durability protocol. All of it runs on the commit thread; `gate` keeps checks and checkpoints, which
/// run elsewhere, between two batches.
final class Committer: @unchecked Sendable {
    let slot: EngineSlot
    let blobs: BlobFiles
    let gate = Monitor()
    /// Whether commits have left work since somebody asked.
    let leftWork = Atomic(false)
    private let folder: DataFolder
    private let faults: FaultInjector
    private let clock: any WallClock
    private let batchBytes: Int
    private let onBatch: @Sendable (Int) -> Void
    private let counter: SequenceCounter
    private let counters = Counters()
    /// Set from a failed write until the engine has been reopened.
    private var failure: StoreError?
    /// Blobs of failed writes: whether they are live shows only when the log has been read back.
    private var uncertainBlobs: [BlobID] = []

    /// Files removed before commits get their turn again: an object may consist of ten thousand.
    private static let removalsAtOnce = 32

    init(
        slot: EngineSlot, blobs: BlobFiles, folder: DataFolder, _ options: Store.Options,
        clock: any WallClock
    ) throws(StoreError) {
        self.slot = slot
        self.blobs = blobs
        self.folder = folder
        faults = options.faults
        self.clock = clock
        batchBytes = options.batchBytes
        onBatch = options.onBatch
        counter = SequenceCounter(try WriteBatch.storedSequence(in: slot.current()))
    }

    /// Runs the jobs' bodies in order, writes their changes with one sync and answers them all: with their own
    /// results once those are durable, else with what went wrong. A body's answer may rest on changes of an
    /// earlier one in the batch, so nobody is answered before the sync. Returns the jobs that found no place.
    func commit(_ jobs: ArraySlice<any CommitJob>) -> ArraySlice<any CommitJob> {
        gate.withLock {
            var running = jobs
            do throws(StoreError) {
                try recover()
                let batch = WriteBatch(try slot.current())
                running = try run(jobs, in: batch)
                counter.record(in: batch)
                counters.record(in: batch)
                do throws(StoreError) {
                    if !batch.isEmpty {
                        onBatch(batch.count)
                        try faults.reach(.commitWrite)
                        if batch.changesSteadyKeys { slot.era.beginChange() }
                        try batch.engine.writeSynced(batch.handle)
                        slot.era.endChange()
                        try faults.reach(.commitAcknowledge)
                    }
                } catch {
                    noteFailure(error, batch)
                    throw error
                }
                blobs.noteCommitted(attached: batch.attached, released: batch.released)
                if batch.leavesWork { leftWork.store(true, ordering: .releasing) }
                for job in running { job.finish(nil) }
            } catch {
                counters.forget()
                for job in running { job.finish(error) }
            }
            return jobs[running.endIndex...]
        }
    }

    /// Returns the jobs that have run: all, unless their changes outgrow `batchBytes`.
    private func run(
        _ jobs: ArraySlice<any CommitJob>, in batch: WriteBatch
    ) throws(StoreError) -> ArraySlice<any CommitJob> {
        for (index, job) in zip(jobs.indices, jobs) {
            let transaction = Transaction(batch, slot.era, counter, counters, now: clock.now)
            if job.run(transaction) {
                transaction.keep()
            } else {
                try transaction.rollBack()
                for blob in transaction.attached { blobs.discard(blob) }
            }
            if batch.size >= batchBytes { return jobs[...index] }
        }
        return jobs
    }

    private func noteFailure(_ error: StoreError, _ batch: WriteBatch) {
        failure = error
        uncertainBlobs += batch.attached + batch.released
        blobs.noteUncertain(batch.attached)
        counter.forgetRecord()
    }

    /// After a failed write RocksDB refuses all others, and whether the failed one is in the log shows only
    /// when that is read back. So the engine is closed and opened again; readers keep the old one until there
    /// is space enough for that.
    private func recover() throws(StoreError) {
        guard failure != nil else { return }
        try faults.reach(.engineReopen)
        try folder.probeSpace()
        try slot.reopen { () throws(StoreError) in
            try Engine(path: folder.database)
        } fallback: { () throws(StoreError) in
            // Needs no space, so reads go on.
            try Engine(path: folder.database, readOnly: true)
        }
        let engine = try slot.current()
        // After a failed sync the kernel may call pages clean that never reached the disk. What was read back
        // from them is written anew before anything builds on it.
        try engine.flush()
        for blob in uncertainBlobs where try !blobs.isLive(blob, in: engine) {
            blobs.noteCommitted(attached: [], released: [blob])
        }
        blobs.noteCommitted(attached: uncertainBlobs, released: [])
        uncertainBlobs = []
        slot.era.endChange()
        failure = nil
    }

    // MARK: Between batches

    /// Whether ``tidy()`` should be called again soon though nothing is queued.
    var needsTidying: Bool { failure != nil || blobs.hasRemovable }

    /// Removes files of released blobs as soon as no reader can want them; reopens a failed engine.
    /// - Returns: whether there is more that can be done at once.
    func tidy() -> Bool {
        gate.withLock {
            // A failure stays noted, and the next commit reports it.
            try? recover()
            guard blobs.hasRemovable, slot.isUnread else { return false }
            return blobs.removeReleased(atMost: Self.removalsAtOnce)
        }
    }

    /// The last act of the commit thread.
    func close() {
        gate.withLock {
            // Failing here costs the next start some time, nothing else.
            let isFlushed = (try? shortenLog()) != nil
            slot.close()
            blobs.removeAllReleased()
            // After a failed sync the log may still make such a blob live; the next open's sweep knows.
            if failure == nil { blobs.removeUnattached() }
            if isFlushed, failure == nil, !blobs.hasReleased, (try? blobs.syncRemovals()) == true {
                folder.markClean(faults)
            }
            folder.unlock()
        }
    }

    /// Replaying a log takes about 10 ms a MiB, so a long one is written out now.
    private func shortenLog() throws(StoreError) {
        try faults.reach(.engineClose)
        if failure == nil, try folder.logBytes() > 2 << 20 { try slot.current().flush() }
    }
}
