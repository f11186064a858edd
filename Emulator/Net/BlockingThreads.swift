import Glibc

/// Runs `body` on `count` threads of its own, with the numbers from 0, and returns when all are done: for clients
/// that block and are more than libuv's pool has threads.
@EventLoop public func runOnThreads(
    _ count: Int, _ body: @escaping @Sendable (_ number: Int) -> Void
) async {
    guard count > 0 else { return }
    let group = ThreadGroup()
    await withCheckedContinuation { continuation in
        group.start(count, body, continuation)
    }
}

@EventLoop private final class ThreadGroup {
    private var running = 0
    private var waiting: CheckedContinuation<Void, Never>?

    func start(
        _ count: Int, _ body: @escaping @Sendable (Int) -> Void, _ waiting: CheckedContinuation<Void, Never>
    ) {
        self.waiting = waiting
        running = count
        for number in 0..<count {
            let job = Job {
                body(number)
                Task { @EventLoop in self.ended() }
            }
            let argument = Unmanaged.passRetained(job)
            var thread = pthread_t()
            let code = pthread_create(&thread, nil, Job.run, argument.toOpaque())
            if code == 0 {
                pthread_detach(thread)
            } else {
                // With fewer threads than wished for, there are fewer clients.
                argument.release()
                ended()
            }
        }
    }

    private func ended() {
        running -= 1
        guard running == 0 else { return }
        waiting?.resume()
        waiting = nil
    }

    private final class Job: Sendable {
        let work: @Sendable () -> Void

        /// What a thread begins with; of no actor, unlike closures made on the loop.
        static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
            guard let argument else { return nil }
            Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work()
            return nil
        }

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
