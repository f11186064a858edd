import Glibc

/// How long a test waits for what it waits for, in seconds: far longer than the slowest machine needs, since only
/// a test that fails waits so long.
public let patience = 60.0

/// Looks every ten milliseconds whether `condition` holds.
/// - Returns: whether it did within ``patience``.
public func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = now() + patience
    while try await !condition() {
        if now() > end { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}

/// The same for a thread that may block.
public func blocksUntil(_ condition: () -> Bool) -> Bool {
    let end = now() + patience
    while !condition() {
        if now() > end { return false }
        usleep(10_000)
    }
    return true
}

private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
