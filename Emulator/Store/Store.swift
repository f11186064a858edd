import Clock

/// A durable, ordered key-value store with transactions, snapshots and blob files, in one folder.
///
/// A commit that has returned is on the disk. Many commits share one sync, so the more callers write at once,
/// the more commits a second.
public final class Store: Sendable {
    public struct Options: Sendable {
        /// For tests.
        public var faults: FaultInjector
        /// Commits that may wait; more are refused with ``StoreError/overloaded(limit:)``.
        public var queueLimit: Int
        /// Commits that share a sync at most.
        public var batchLimit: Int
        /// Bytes after which a batch takes no further commit.
        public var batchBytes: Int
        /// Told how many keys each batch changes, on the commit thread; for tests.
        public var onBatch: @Sendable (_ changes: Int) -> Void

        public init(
            faults: FaultInjector = .none, queueLimit: Int = 65_536, batchLimit: Int = 1024,
            batchBytes: Int = 8 << 20, onBatch: @escaping @Sendable (_ changes: Int) -> Void = { _ in }
        ) {
            self.faults = faults
            self.queueLimit = queueLimit
            self.batchLimit = batchLimit
            self.batchBytes = batchBytes
            self.onBatch = onBatch
        }
    }

    public let blobs: BlobStore
    let folder: DataFolder
    let committer: Committer
    let faults: FaultInjector
    private let thread: CommitThread

    private init(_ folder: DataFolder, _ options: Options, _ clock: any WallClock) throws(StoreError) {
        let files = BlobFiles(root: folder.blobs, staging: folder.staging, faults: options.faults)
        try files.emptyStaging()
        try options.faults.reach(.engineOpen)
        let engine =
            try folder.wasClean
            ? Engine(path: folder.database) : Engine.openingTorn(path: folder.database)
        let slot = EngineSlot(engine)
        do {
            try Files.syncFolder(folder.path)
            if !folder.wasClean { try files.recover(engine) }
            committer = try Committer(
                slot: slot, blobs: files, folder: folder, options, clock: clock)
            thread = try CommitThread(
                committer, queueLimit: options.queueLimit, batchLimit: options.batchLimit)
        } catch {
            slot.close()
            throw error
        }
        self.folder = folder
        faults = options.faults
        blobs = BlobStore(files: files)
    }

    deinit { close() }

    /// Opens the data folder at `path`, creating it if need be, and takes its lock.
    public static func open(
        at path: String, options: Options = .init(), clock: any WallClock = SystemClock()
    ) throws(StoreError) -> Store {
        let folder = DataFolder(path)
        try folder.open(options.faults)
        return try Store(folder, options, clock)
    }

    /// Runs `body` on the calling thread with a consistent view that later commits do not change. Keep it
    /// short: files of released blobs stay until all reads that began earlier have ended.
    public func read<R>(_ body: (Snapshot) throws -> R) throws -> R {
        try committer.slot.read { engine in
            let snapshot = Snapshot(engine, committer.slot.era)
            defer { snapshot.release() }
            return try body(snapshot)
        }
    }

    /// As ``Reading/era``, of the newest state.
    public var era: UInt64? { committer.slot.era.current }

    /// The newest value at one key, for reads that need no more than that: taking a view of the whole store
    /// costs more than the look-up. The bytes are good only inside `body`, which gets nil when there is none.
    public func readOne<R>(
        _ keyspace: Keyspace, _ key: [UInt8], _ body: (UnsafeRawBufferPointer?) throws -> R
    ) throws -> R {
        try committer.slot.read { engine in
            try key.withUnsafeBytes { try engine.visit(engine.family(keyspace), $0, body) }
        }
    }

    /// Runs `body` on the commit thread and returns its result once its changes are durable. If `body`
    /// throws, its changes are taken back and its error is passed on. If writing fails, the error is a
    /// ``StoreError``. The changes then did not happen, unless it was the sync that failed: then they may show
    /// once the store has been opened again.
    public func commit<R: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> R
    ) async throws -> R {
        try await withUnsafeThrowingContinuation { continuation in
            do throws(StoreError) {
                try thread.enqueue(BodyJob(body, continuation))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Whether commits have called ``Transaction/leaveWork()`` since this was asked last.
    public func takeLeftWork() -> Bool {
        guard committer.leftWork.load(ordering: .relaxed) else { return false }
        return committer.leftWork.exchange(false, ordering: .acquiring)
    }

    /// Finishes the commits that wait, then closes. Further calls fail with ``StoreError/closed``.
    public func close() {
        thread.close()
    }
}
