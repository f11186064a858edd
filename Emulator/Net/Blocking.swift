import CUV

/// Runs `work` on one of libuv's four pool threads and returns its result. For calls that may wait: disks,
/// name lookups, blocking clients. Work must not wait for other work of the pool.
public func runBlocking<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await BlockingWork.run(work)
}

/// The callback shape of the above, for code that has no Task: `done` is called on the loop, after `work`.
@EventLoop public func runBlocking(
    _ work: @escaping @Sendable () -> Void, then done: @escaping @EventLoop () -> Void
) {
    BlockingWork.submit(work, then: done)
}

/// One piece of work in libuv's thread pool.
///
/// Unchecked: the fields are constant, and the pool orders `work` before `done`.
final class BlockingWork: @unchecked Sendable {
    private let work: @Sendable () -> Void
    private let done: @EventLoop () -> Void

    private init(_ work: @escaping @Sendable () -> Void, _ done: @escaping @EventLoop () -> Void) {
        self.work = work
        self.done = done
    }

    @EventLoop fileprivate static func run<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let outcome = ResultBox<Result>()
        return try await withCheckedThrowingContinuation { continuation in
            submit {
                outcome.value = Swift.Result { try work() }
            } then: {
                if let value = outcome.value { continuation.resume(with: value) }
            }
        }
    }

    @EventLoop static func submit(
        _ work: @escaping @Sendable () -> Void, then done: @escaping @EventLoop () -> Void
    ) {
        let item = BlockingWork(work, done)
        let request = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(item).toOpaque()
        mustSucceed(
            uv_queue_work(EventLoop.loop, request, onWork, unsafeBitCast(onDone, to: uv_after_work_cb.self)),
            "uv_queue_work")
    }

    private static let onWork: @convention(c) (UnsafeMutablePointer<uv_work_t>?) -> Void = { request in
        guard let data = request?.pointee.data else { return }
        Unmanaged<BlockingWork>.fromOpaque(data).takeUnretainedValue().work()
    }

    @EventLoop private static let onDone:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_work_t>?, Int32) -> Void = {
            request, _ in
            guard let request, let data = request.pointee.data else { return }
            request.deallocate()
            Unmanaged<BlockingWork>.fromOpaque(data).takeRetainedValue().done()
            EventLoop.endCallback()
        }
}

/// Unchecked: written by the pool's thread, then read by the loop, which libuv's queue puts in order.
private final class ResultBox<Value: Sendable>: @unchecked Sendable {
    var value: Swift.Result<Value, any Error>?
}
