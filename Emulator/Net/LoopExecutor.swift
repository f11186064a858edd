import CUV
import Glibc
import Synchronization

/// Runs jobs on the one thread that runs libuv's loop.
///
/// Jobs enqueued on that thread wait in `local` until the running callback ends: no lock, no wake-up.
/// Others wait behind a lock, and only the first of a burst wakes the loop.
///
/// Unchecked: `local` and `draining` are touched by the loop thread only, the rest is constant after `init`.
final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    let loop: UnsafeMutablePointer<uv_loop_t>
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    private var thread = pthread_t()
    private var local: [UnownedJob] = []
    private var draining = false

    private struct Remote: ~Copyable {
        var jobs: [UnownedJob] = []
        var woken = false
    }
    private let remote = Mutex(Remote())

    /// After so many jobs in a row, sockets and timers get their turn.
    private static let jobsPerTurn = 4_096

    init() {
        loop = .allocate(capacity: 1)
        wakeUp = .allocate(capacity: 1)
        local.reserveCapacity(256)
        // A peer that went away is reported by the write itself.
        signal(SIGPIPE, SIG_IGN)
        System.keepInheritedDescriptors()
        precondition(uv_loop_init(loop) == 0, "no event loop: is the limit of open files exhausted?")
        let code = uv_async_init(loop, wakeUp) { handle in
            guard let data = handle?.pointee.data else { return }
            Unmanaged<LoopExecutor>.fromOpaque(data).takeUnretainedValue().takeRemote()
        }
        precondition(code == 0, "no event loop: is the limit of open files exhausted?")
        wakeUp.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        startThread()
    }

    /// Returns when the thread has noted its identity: `enqueue` compares with it from then on.
    private func startThread() {
        var started = sem_t()
        sem_init(&started, 0, 0)
        withUnsafeMutablePointer(to: &started) { started in
            let start = Start(executor: self, semaphore: started)
            var created = pthread_t()
            let code = pthread_create(
                &created, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, Unmanaged.passRetained(start).toOpaque())
            precondition(code == 0, "no thread for the event loop: is the limit of processes exhausted?")
            pthread_detach(created)
            while sem_wait(started) != 0 {}
            sem_destroy(started)
        }
    }

    private final class Start {
        let executor: LoopExecutor
        let semaphore: UnsafeMutablePointer<sem_t>

        init(executor: LoopExecutor, semaphore: UnsafeMutablePointer<sem_t>) {
            self.executor = executor
            self.semaphore = semaphore
        }

        func run() {
            executor.thread = pthread_self()
            sem_post(semaphore)
            // The wake-up handle keeps the loop alive as long as the process.
            uv_run(executor.loop, UV_RUN_DEFAULT)
        }
    }

    var isCurrentThread: Bool { pthread_equal(pthread_self(), thread) != 0 }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrentThread {
            local.append(job)
            return
        }
        let mustWake = remote.withLock { remote in
            remote.jobs.append(job)
            defer { remote.woken = true }
            return !remote.woken
        }
        if mustWake { uv_async_send(wakeUp) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { isCurrentThread }

    func checkIsolated() {
        precondition(isCurrentThread, "this must run on the event loop's thread")
    }

    private func takeRemote() {
        remote.withLock { remote in
            remote.woken = false
            if local.isEmpty {
                swap(&local, &remote.jobs)
            } else {
                local.append(contentsOf: remote.jobs)
                remote.jobs.removeAll(keepingCapacity: true)
            }
        }
        drain()
    }

    /// Runs what callbacks and jobs left behind. Every libuv callback ends with this call.
    func drain() {
        if local.isEmpty || draining { return }
        draining = true
        // Both roles at once: then a task that is here already goes on instead of being queued anew at each
        // return from an async call.
        let executor = asUnownedSerialExecutor()
        let taskExecutor = asUnownedTaskExecutor()
        var index = 0
        // Jobs append to the queue while it runs.
        while index < local.count, index < Self.jobsPerTurn {
            local[index].runSynchronously(isolatedTo: executor, taskExecutor: taskExecutor)
            index += 1
        }
        draining = false
        if index == local.count {
            local.removeAll(keepingCapacity: true)
        } else {
            local.removeSubrange(..<index)
            uv_async_send(wakeUp)
        }
    }
}
