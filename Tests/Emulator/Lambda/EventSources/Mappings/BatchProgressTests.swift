import Clock
import JSON
import Testing

@testable import Lambda

/// What becomes of a batch of a stream's records after each call.
@Suite struct BatchProgressTests {
    private static let start = Timestamp(milliseconds: 1_000_000)

    private func records(_ positions: ClosedRange<Int64>) -> [StreamRecord] {
        positions.map {
            StreamRecord(
                position: $0, time: Self.start, json: ["dynamodb": ["SequenceNumber": .string("n\($0)")]])
        }
    }

    private func progress(
        _ positions: ClosedRange<Int64>, _ change: (inout EventSourceMapping.Settings) -> Void = { _ in }
    ) -> BatchProgress {
        var settings = EventSourceMapping.Settings()
        change(&settings)
        return BatchProgress(records(positions), settings)
    }

    private let error = BatchProgress.Answer(version: "$LATEST", error: "Unhandled")
    private func positions(_ chunk: BatchProgress.Chunk?) -> [Int64] { chunk?.records.map(\.position) ?? [] }

    @Test func successIsTheEnd() {
        var progress = progress(5...9)
        #expect(progress.next(now: Self.start) == .call)
        progress.called("r")
        progress.succeeded()
        #expect(progress.next(now: Self.start) == .done)
        #expect(progress.position == 10)
    }

    @Test func withoutALimitItIsTriedForEver() {
        var progress = progress(1...2)
        for _ in 0..<500 {
            #expect(progress.next(now: Self.start) == .call)
            progress.called("r")
            progress.failed(error)
        }
        #expect(positions(progress.current) == [1, 2])
    }

    @Test(arguments: [0, 1, 3])
    func retriesAreCounted(_ retries: Int) {
        var progress = progress(1...2) { $0.maximumRetries = retries }
        for _ in 0...retries {
            #expect(progress.next(now: Self.start) == .call)
            progress.called("r")
            progress.failed(error)
        }
        guard case .giveUp(let chunk, .retriesExhausted) = progress.next(now: Self.start) else {
            Issue.record("the batch is still tried")
            return
        }
        #expect(chunk.calls == retries + 1)
        #expect(positions(chunk) == [1, 2])
        #expect(chunk.answer == error)
        #expect(progress.next(now: Self.start) == .done)
        #expect(progress.position == 3)
    }

    @Test func aFailedBatchIsBisectedDownToItsBadRecord() {
        var progress = progress(1...5) {
            $0.bisects = true
            $0.maximumRetries = 1
        }
        var (sent, given): ([[Int64]], [Int64]) = ([], [])
        while true {
            let step = progress.next(now: Self.start)
            if step == .done { break }
            if case .giveUp(let chunk, _) = step {
                given += positions(chunk)
                continue
            }
            let batch = positions(progress.current)
            sent.append(batch)
            progress.called("r")
            if batch.contains(4) { progress.failed(error) } else { progress.succeeded() }
        }
        #expect(sent == [[1, 2, 3, 4, 5], [1, 2, 3], [4, 5], [4], [4], [5]])
        #expect(given == [4])
        #expect(progress.position == 6)
    }

    @Test func theLowestFailedItemIsWhereItGoesOn() {
        var progress = progress(1...5) { $0.maximumRetries = 1 }
        progress.called("r")
        progress.failed(from: 2, .init(version: "1", error: nil))
        #expect(progress.position == 3)
        #expect(positions(progress.current) == [3, 4, 5])
        #expect(progress.next(now: Self.start) == .call)
        progress.called("r")
        progress.failed(from: 0, .init(version: "1", error: nil))
        guard case .giveUp(let chunk, .retriesExhausted) = progress.next(now: Self.start) else {
            Issue.record("the batch is still tried")
            return
        }
        #expect(positions(chunk) == [3, 4, 5])
        #expect(chunk.calls == 2)
        #expect(chunk.answer?.error == nil)
    }

    @Test func recordsThatAreTooOldAreGivenUpAlone() {
        var settings = EventSourceMapping.Settings()
        settings.maximumAgeSeconds = 60
        var all = records(1...3)
        all[2].time = Self.start + 30_000
        var progress = BatchProgress(all, settings)
        guard case .giveUp(let chunk, .ageExceeded) = progress.next(now: Self.start + 61_000) else {
            Issue.record("old records are still tried")
            return
        }
        #expect(positions(chunk) == [1, 2])
        #expect(progress.next(now: Self.start + 61_000) == .call)
        #expect(positions(progress.current) == [3])
    }

    // MARK: - What functions say of items

    @Test(arguments: [
        "", "{}", "null", #"{"batchItemFailures":[]}"#, #"{"batchItemFailures":null}"#, #""""#, "[]", "5",
        #"{"other":1}"#,
    ])
    func wholeSuccess(_ answer: String) {
        #expect(BatchItemFailures(Array(answer.utf8), known: ["a", "b"]) == .none)
    }

    @Test(arguments: [
        "no json", #"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":null}]}"#, #"{"batchItemFailures":[{"wrong":"a"}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#, #"{"batchItemFailures":"a"}"#,
        #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"unknown"}]}"#,
    ])
    func wholeFailure(_ answer: String) {
        #expect(BatchItemFailures(Array(answer.utf8), known: ["a", "b"]) == .all)
    }

    @Test func partialFailure() {
        let answer = Array(#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#.utf8)
        #expect(BatchItemFailures(answer, known: ["a", "b"]) == .some(["b"]))
    }

    // MARK: - Checkpoints

    @Test func moreLanesBeginWhereTheSlowestWas() {
        let checkpoint = StreamCheckpoint(lanes: [.init(position: 7), .init(position: 4)])
        #expect(checkpoint.with(lanes: 3).lanes.map(\.position) == [4, 4, 4])
        #expect(checkpoint.with(lanes: 2) == checkpoint)
    }
}
