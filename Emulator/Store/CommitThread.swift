import Glibc

/// The one thread that writes. It takes everything that has been queued while it was busy with the last
/// batch, so the more writers wait, the more of them share a sync.
final class CommitThread: @unchecked Sendable {
    private let monitor = Monitor()
    private let committer: Committer
    private let queueLimit: Int
    private let batchLimit: Int
    private var queue: [any CommitJob] = []
    private var isIdle = false
    private var isClosing = false
    private var thread = pthread_t()

    init(_ committer: Committer, queueLimit: Int, batchLimit: Int) throws(StoreError) {
        self.committer = committer
        self.queueLimit = queueLimit
        self.batchLimit = batchLimit
        let context = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<CommitThread>.fromOpaque(context).takeRetainedValue().loop()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            context.release()
            throw .system("pthread_create", failure, "commit thread")
        }
        committer.blobs.whenRemovable { [weak self] in self?.wake() }
    }

    func enqueue(_ job: any CommitJob) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            if isClosing { throw .closed }
            if queue.count >= queueLimit { throw .overloaded(limit: queueLimit) }
            queue.append(job)
            if isIdle {
                isIdle = false
                monitor.signal()
            }
        }
    }

    /// Finishes what is queued, closes the store's files and ends the thread.
    func close() {
        let first = monitor.withLock { () -> Bool in
            defer { isClosing = true }
            monitor.signal()
            return !isClosing
        }
        guard first else { return }
        // The last reference may go away in a body, which runs on this very thread.
        if pthread_equal(pthread_self(), thread) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    private func loop() {
        var hasMoreToTidy = false
        while let jobs = nextJobs(waiting: !hasMoreToTidy) {
            var rest = jobs[...]
            while !rest.isEmpty { rest = committer.commit(rest) }
            hasMoreToTidy = committer.tidy()
        }
        committer.close()
    }

    /// Something can be tidied that could not before: the sleeping thread has to look again.
    private func wake() {
        monitor.withLock { if isIdle { monitor.signal() } }
    }

    /// Sleeps, if it may, until there is work; nil at the end. An empty answer means that tidying is due.
    private func nextJobs(waiting: Bool) -> [any CommitJob]? {
        monitor.withLock {
            if queue.isEmpty, !isClosing, !waiting { return [] }
            while queue.isEmpty && !isClosing {
                isIdle = true
                if committer.needsTidying {
                    monitor.wait(milliseconds: 100)
                    isIdle = false
                    if queue.isEmpty { return isClosing ? nil : [] }
                } else {
                    monitor.wait()
                }
            }
            isIdle = false
            if queue.isEmpty { return nil }
            let jobs = Array(queue.prefix(batchLimit))
            queue.removeFirst(jobs.count)
            return jobs
        }
    }
}
