import AWSProtocol
import Bytes
import Clock
import JSON
import Net
import Store

/// Brings a stream's records to a function: in their order, shard after shard, or within a shard those of one key.
@EventLoop final class StreamFollower: MappingWorker {
    /// Records that are read at once.
    private static let portion = 1_000
    /// Bytes of records in one event; the rest of 6 MB is for what stands around them.
    private static let mostBytes = LambdaService.maximumPayloadBytes - 65_536
    /// Bytes of a window's state; a window with a larger one ends early, as on AWS.
    private static let mostStateBytes = 1 << 20

    private(set) var checkpoint: StreamCheckpoint

    init(
        _ mapping: EventSourceMapping, _ checkpoint: StreamCheckpoint, _ store: Store,
        _ service: LambdaService
    ) {
        self.checkpoint = checkpoint.with(lanes: mapping.settings.parallelization)
        super.init(mapping, store, service)
    }

    override func start() {
        for lane in checkpoint.lanes.indices { run { await self.follow(lane) } }
    }

    /// A record that is to be sent, with its event's form.
    private struct Item {
        let record: StreamRecord
        let event: JSONObject
        let bytes: Int
    }

    // MARK: - One lane

    private func follow(_ lane: Int) async {
        var read = checkpoint.lanes[lane].position
        var shardID = ""
        var items: [Item] = []
        var opened: Int64 = 0
        while !isStopped {
            let page: StreamPage?
            do {
                page = try await service.eventNeighbours.streams.page(mapping.source, read, Self.portion)
            } catch {
                guard !isStopped else { return }
                service.asyncEvents.log("Stream \(mapping.source) cannot be read: \(error).")
                await rest(1_000)
                continue
            }
            guard !isStopped else { return }
            guard let page else { return await streamIsGone() }
            if !items.isEmpty, page.shardID != shardID, !page.records.isEmpty {
                // An event tells of one shard alone.
                await send(&items, of: shardID, lane, isForced: true)
                guard !isStopped else { return }
            }
            // What is still to be sent keeps its shard.
            if items.isEmpty || !page.records.isEmpty { shardID = page.shardID }
            if items.isEmpty { opened = service.monotonicMilliseconds }
            items += page.records.compactMap { item($0, lane) }
            read = page.next
            let isDue =
                service.monotonicMilliseconds - opened >= Int64(mapping.settings.windowSeconds) * 1_000
            await send(&items, of: shardID, lane, isForced: isDue)
            guard !isStopped else { return }
            if items.isEmpty {
                await skip(to: read, lane)
                await closeWindow(of: shardID, lane, newest: page.records.last?.time)
            }
            if page.records.count < Self.portion { await rest(Self.restMilliseconds) }
        }
    }

    private func item(_ record: StreamRecord, _ lane: Int) -> Item? {
        if checkpoint.lanes.count > 1 {
            let keys = record.json["dynamodb"]?["Keys"]?.encoded() ?? []
            guard Self.hash(keys) % UInt64(checkpoint.lanes.count) == UInt64(lane) else { return nil }
        }
        let event = StreamEvent.record(record, source: mapping.source)
        guard isWanted(event) else { return nil }
        return Item(record: record, event: event, bytes: event.encoded().count + 1)
    }

    /// FNV-1a: the same in every run, as a key has to stay in its lane.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Sends full batches, and if forced the rest as well.
    private func send(_ items: inout [Item], of shardID: String, _ lane: Int, isForced: Bool) async {
        while !items.isEmpty, !isStopped {
            var (count, bytes) = (0, 0)
            let window = window(of: items[0].record)
            let room = Self.mostBytes - (window == nil ? 0 : stateBytes(lane))
            for item in items.prefix(mapping.settings.batchSize) {
                guard count == 0 || bytes + item.bytes <= room else { break }
                guard mapping.settings.tumblingSeconds == 0 || self.window(of: item.record) == window else {
                    break
                }
                bytes += item.bytes
                count += 1
            }
            let isFull = count == mapping.settings.batchSize || count < items.count
            guard isForced || isFull else { return }
            if let window, let open = checkpoint.lanes[lane].window, open < window {
                await finishWindow(open, shardID, lane)
                guard !isStopped else { return }
            }
            await deliver(Array(items[..<count]), of: shardID, lane, window)
            guard !isStopped else { return }
            await endLargeWindow(shardID, lane)
            items.removeFirst(count)
        }
    }

    // MARK: - One batch

    private func deliver(_ items: [Item], of shardID: String, _ lane: Int, _ window: Int64?) async {
        var progress = BatchProgress(items.map(\.record), mapping.settings)
        let events = Dictionary(items.map { ($0.record.position, $0.event) }, uniquingKeysWith: { $1 })
        var pauses = 0
        while !isStopped {
            switch progress.next(now: service.clock.now) {
            case .done: return
            case .giveUp(let chunk, let condition):
                await giveUp(chunk, condition, events, shardID, lane, progress.position)
            case .call:
                guard let chunk = progress.current else { return }
                await endLargeWindow(shardID, lane)
                guard !isStopped else { return }
                let payload = StreamEvent.encode(
                    chunk.records.compactMap { events[$0.position] },
                    window: window.map { describe($0, shardID, lane, isFinal: false) })
                let requestID = UUID4.make()
                let outcome = await call(payload, requestID)
                if isStopped, case .success = outcome {} else if isStopped { return }
                guard await judge(outcome, requestID, &progress, lane, window) else {
                    await back(off: max(progress.failures - 1, pauses))
                    pauses += 1
                    continue
                }
                pauses = 0
            }
        }
    }

    private func call(_ payload: [UInt8], _ requestID: String) async -> InvokeOutcome {
        await service.invoke(
            mapping.function, payload: payload,
            InvokeOptions(qualifier: mapping.qualifier, requestID: requestID))
    }

    /// - Returns: false when a pause is due before the next call.
    private func judge(
        _ outcome: InvokeOutcome, _ requestID: String, _ progress: inout BatchProgress, _ lane: Int,
        _ window: Int64?
    ) async -> Bool {
        switch outcome {
        case .throttled, .startFailure: return false
        case .functionNotFound, .requestTooLarge:
            progress.called(requestID)
            progress.failed(.init(version: mapping.qualifier ?? "$LATEST", error: "Unhandled"))
            await remember("PROBLEM: Function call failed")
            return false
        case .functionError(let result):
            progress.called(requestID)
            progress.failed(.init(version: result.executedVersion, error: "Unhandled"))
            await remember("PROBLEM: Function call failed")
            return false
        case .success(let result):
            progress.called(requestID)
            guard mapping.settings.reportsFailures, let chunk = progress.current else {
                progress.succeeded()
                await advance(lane, to: progress.position, result.payload, window)
                return true
            }
            return await judge(result, chunk, &progress, lane, window)
        }
    }

    private func judge(
        _ result: InvokeResult, _ chunk: BatchProgress.Chunk, _ progress: inout BatchProgress, _ lane: Int,
        _ window: Int64?
    ) async -> Bool {
        let numbers = chunk.records.map(\.sequenceNumber)
        let answer = BatchProgress.Answer(version: result.executedVersion, error: nil)
        switch BatchItemFailures(result.payload, known: Set(numbers)) {
        case .none:
            progress.succeeded()
            await advance(lane, to: progress.position, result.payload, window)
            return true
        case .all:
            progress.failed(answer)
            return false
        case .some(let ids):
            let failed = Set(ids)
            progress.failed(from: numbers.firstIndex(where: failed.contains) ?? 0, answer)
            await advance(lane, to: progress.position, result.payload, window)
            return false
        }
    }

    private func giveUp(
        _ chunk: BatchProgress.Chunk, _ condition: BatchProgress.Condition, _ events: [Int64: JSONObject],
        _ shardID: String, _ lane: Int, _ position: Int64
    ) async {
        let now = service.clock.now
        let record = StreamBatchRecord(
            source: mapping.source, shardID: shardID, functionARN: functionARN, condition: condition,
            chunk: chunk, time: now)
        var delivery: AsyncDelivery?
        switch mapping.settings.onFailure.flatMap(service.usable) {
        case .queue(let name)?: delivery = .queue(name, QueueMessage(body: record.encoded(payload: nil)))
        case .bucket(let bucket)?:
            let payload = StreamEvent.encode(chunk.records.compactMap { events[$0.position] })
            delivery = .bucket(
                BucketDelivery(
                    bucket: bucket, key: "aws/lambda/\(mapping.uuid)/\(shardID)/\(BucketDelivery.dated(now))",
                    first: now, body: record.encoded(payload: payload)))
        case .function?, nil:
            if let arn = mapping.settings.onFailure {
                service.asyncEvents.log(
                    "What mapping \(mapping.uuid) has given up does not get to \(arn): there is no such destination."
                )
            }
        }
        checkpoint.lanes[lane].position = max(checkpoint.lanes[lane].position, position)
        let (uuid, checkpoint, told) = (mapping.uuid, checkpoint, delivery)
        await note {
            checkpoint.write(uuid, in: $0)
            try told?.store(in: $0, now: now)
        }
        service.bucketDeliveries.wake()
    }

    // MARK: - The checkpoint

    private func store(_ checkpoint: StreamCheckpoint) async {
        self.checkpoint = checkpoint
        let uuid = mapping.uuid
        await note { checkpoint.write(uuid, in: $0) }
    }

    private func advance(_ lane: Int, to position: Int64, _ answer: [UInt8], _ window: Int64?) async {
        var next = checkpoint
        next.lanes[lane].position = max(next.lanes[lane].position, position)
        next.result = "OK"
        if let window {
            next.lanes[lane].window = window
            if let state = (try? JSONValue.parse(answer))?["state"] { next.lanes[lane].state = state }
        }
        await store(next)
    }

    /// Records that are for others, or for nobody, are passed.
    private func skip(to position: Int64, _ lane: Int) async {
        guard position > checkpoint.lanes[lane].position else { return }
        var next = checkpoint
        next.lanes[lane].position = position
        await store(next)
    }

    private func remember(_ result: String) async {
        guard checkpoint.result != result else { return }
        var next = checkpoint
        next.result = result
        await store(next)
    }

    private func streamIsGone() async {
        stop()
        checkpoint.result = "PROBLEM: The stream does not exist any more"
        let uuid = mapping.uuid
        await note { $0.delete(.functions, QueueKeys.checkpoint(uuid)) }
    }

    // MARK: - Tumbling windows

    private var windowMilliseconds: Int64 { Int64(mapping.settings.tumblingSeconds) * 1_000 }

    /// Begin of the window that a record falls into; nil without windows.
    private func window(of record: StreamRecord) -> Int64? {
        guard windowMilliseconds > 0 else { return nil }
        return record.time.milliseconds / windowMilliseconds * windowMilliseconds
    }

    private func describe(
        _ window: Int64, _ shardID: String, _ lane: Int, isFinal: Bool, endsEarly: Bool = false
    ) -> StreamEvent.Window {
        StreamEvent.Window(
            start: window, end: window + windowMilliseconds, state: checkpoint.lanes[lane].state ?? [:],
            shardID: shardID, source: mapping.source, isFinal: isFinal, endsEarly: endsEarly)
    }

    private func stateBytes(_ lane: Int) -> Int { checkpoint.lanes[lane].state?.encoded().count ?? 0 }

    /// Records that come afterwards begin with an empty state.
    private func endLargeWindow(_ shardID: String, _ lane: Int) async {
        guard let open = checkpoint.lanes[lane].window, stateBytes(lane) > Self.mostStateBytes else { return }
        await finishWindow(open, shardID, lane, endsEarly: true)
    }

    /// Ends a window whose time is over when no more of its records can come.
    /// - Parameter newest: of the records just read; nil when there was none.
    private func closeWindow(of shardID: String, _ lane: Int, newest: Timestamp?) async {
        guard let open = checkpoint.lanes[lane].window else { return }
        let end = open + windowMilliseconds
        guard service.clock.now.milliseconds >= end, newest.map({ $0.milliseconds >= end }) ?? true else {
            return
        }
        await finishWindow(open, shardID, lane)
    }

    private func finishWindow(
        _ window: Int64, _ shardID: String, _ lane: Int, endsEarly: Bool = false
    ) async {
        let payload = StreamEvent.encode(
            [], window: describe(window, shardID, lane, isFinal: true, endsEarly: endsEarly))
        let (retries, age) = (mapping.settings.maximumRetries, mapping.settings.maximumAgeSeconds)
        var (failures, pauses) = (0, 0)
        calls: while true {
            switch await call(payload, UUID4.make()) {
            case .success: break calls
            case .functionError, .functionNotFound: failures += 1
            case .throttled, .startFailure: break
            case .requestTooLarge(let limit):
                service.asyncEvents.log(
                    "The last call of a window of mapping \(mapping.uuid) is left out: "
                        + "its state is larger than \(limit) bytes.")
                break calls
            }
            if isStopped { return }
            if retries >= 0, failures > retries { break }
            let end = window + windowMilliseconds
            if age >= 0, service.clock.now.milliseconds - end > Int64(age) * 1_000 { break }
            await back(off: pauses)
            pauses += 1
            if isStopped { return }
        }
        var next = checkpoint
        next.lanes[lane].window = nil
        next.lanes[lane].state = nil
        await store(next)
    }
}
