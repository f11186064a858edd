import Glibc

/// Holds the open ``Engine`` and lets it be replaced after a failed write while readers come and go.
final class EngineSlot: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    private var state: Result<Engine, StoreError>
    let era = Era()

    init(_ engine: Engine) {
        pthread_rwlock_init(lock, nil)
        state = .success(engine)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// The engine stays open while `body` runs. Many readers may be inside at once.
    func read<R>(_ body: (Engine) throws -> R) throws -> R {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return try body(state.get())
    }

    /// For the commit thread only: nobody else replaces the engine.
    func current() throws(StoreError) -> Engine { try state.get() }

    /// Waits for the readers, closes the engine and puts another in its place. If `open` fails, readers get
    /// the engine of `fallback`, or the error if that fails too.
    func reopen(
        _ open: () throws(StoreError) -> Engine, fallback: () throws(StoreError) -> Engine
    ) throws(StoreError) {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        if case .success(let engine) = state { engine.close() }
        do {
            state = .success(try open())
        } catch {
            do throws(StoreError) { state = .success(try fallback()) } catch { state = .failure(error) }
            throw error
        }
    }

    /// Waits for the readers and closes the engine for good.
    func close() {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        if case .success(let engine) = state { engine.close() }
        state = .failure(.closed)
    }

    /// Whether no reader is inside right now; then none can have seen the state before the last commit.
    var isUnread: Bool {
        guard pthread_rwlock_trywrlock(lock) == 0 else { return false }
        pthread_rwlock_unlock(lock)
        return true
    }
}
