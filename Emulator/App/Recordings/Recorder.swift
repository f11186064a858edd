import Clock
import Lambda
import Net

/// Keeps the last invocations on disk, for `emulator replay`.
///
/// Recording never holds an invocation up: it happens behind the answer, and when the disk is slower than the
/// functions, recordings are left out.
@EventLoop
final class Recorder {
    /// Recordings that wait for the disk.
    private static let mostPending = 256

    private let folder: RecordingFolder
    private var kept: [(entry: RecordingFolder.Entry, bytes: Int64)] = []
    private var bytes: Int64 = 0
    private var pending = 0
    private var number = 0
    private var hasComplained = false

    init(folder path: String) {
        folder = RecordingFolder(path: path)
        folder.removeTorn()
        kept = folder.entries().map { [folder] in ($0, folder.size($0)) }
        bytes = kept.reduce(0) { $0 + $1.bytes }
    }

    /// From now on, and for as long as the service lives.
    func observe(_ lambda: LambdaService, clock: any WallClock) {
        lambda.observer = { self.record($0, at: clock.now) }
    }

    private func record(_ invocation: ObservedInvocation, at now: Timestamp) {
        guard pending < Self.mostPending else { return }
        pending += 1
        number += 1
        let entry = RecordingFolder.Entry(
            milliseconds: now.milliseconds, number: number, function: invocation.function,
            requestID: invocation.result.requestID)
        let outcome = WriteOutcome()
        let folder = folder
        runBlocking {
            var recording = Recording(
                requestID: invocation.result.requestID, function: invocation.function,
                version: invocation.version, time: now, event: invocation.payload,
                answer: invocation.result.payload, functionError: invocation.result.functionError,
                durationMs: invocation.result.durationMs)
            recording.isReplay = invocation.isReplay
            outcome.result = Result { try folder.write(recording, entry) }
        } then: {
            self.pending -= 1
            self.wrote(entry, outcome.result)
        }
    }

    private func wrote(_ entry: RecordingFolder.Entry, _ result: Result<Int64, any Error>) {
        switch result {
        case .success(let size):
            kept.append((entry, size))
            bytes += size
        case .failure(let error):
            if !hasComplained { Terminal.note("Invocations cannot be recorded: \(error)") }
            hasComplained = true
        }
        while kept.count > RecordingFolder.most || bytes > RecordingFolder.mostBytes {
            let oldest = kept.removeFirst()
            bytes -= oldest.bytes
            folder.remove(oldest.entry)
        }
    }
}

/// Unchecked: written by the pool's thread, then read by the loop, which libuv's queue puts in order.
private final class WriteOutcome: @unchecked Sendable {
    var result: Result<Int64, any Error> = .success(0)
}
