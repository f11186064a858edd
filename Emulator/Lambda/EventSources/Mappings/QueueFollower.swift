import Bytes
import Clock
import Digests
import JSON
import Net
import Store

/// Brings the messages of an internal queue to a function. A message goes when its call has succeeded; else it shows
/// again when its time is over.
@EventLoop final class QueueFollower: MappingWorker {
    /// AWS's default visibility timeout.
    private static let visibilityMilliseconds: Int64 = 30_000
    /// Bytes of messages in one event; the rest of 6 MB is for what stands around them.
    private static let mostBytes = LambdaService.maximumPayloadBytes - 1_024

    private var queue: MessageQueue {
        var queue = MessageQueue(Self.name(mapping.source), in: store, clock: service.clock)
        queue.log = service.asyncEvents.log
        return queue
    }

    /// Whoever waits for a batch to be filled, and for his function, keeps his messages.
    private var visibility: Int64 {
        let name = Self.name(mapping.source)
        if let seconds = try? store.read({ try QueueSettings.read(name, $0) })?.visibilitySeconds {
            return Int64(seconds) * 1_000 + windowMilliseconds
        }
        let timeout = service.timeoutMilliseconds(of: mapping.function) ?? 0
        return max(Self.visibilityMilliseconds, Int64(timeout) * 6) + windowMilliseconds
    }

    private var windowMilliseconds: Int64 { Int64(mapping.settings.windowSeconds) * 1_000 }

    /// The last part of the ARN.
    static func name(_ arn: String) -> String { arn.split(separator: ":").last.map(String.init) ?? "" }

    override func start() {
        run { await self.follow() }
    }

    private func follow() async {
        var received: [ReceivedMessage] = []
        var opened: Int64 = 0
        let size = mapping.settings.batchSize
        while !isStopped {
            var left = received.reduce(Self.mostBytes) { $0 - $1.message.body.count }
            do {
                if left > 0, try queue.hasVisible() {
                    let more = try await queue.receive(
                        maximum: size - received.count, bytes: left, visibilityMilliseconds: visibility)
                    received += more
                    left = more.reduce(left) { $0 - $1.message.body.count }
                }
            } catch {
                await rest(1_000)
                continue
            }
            received = await wanted(received)
            guard !received.isEmpty else {
                await rest(Self.restMilliseconds)
                opened = service.monotonicMilliseconds
                continue
            }
            let age = service.monotonicMilliseconds - opened
            if received.count < size, left > 0, age < windowMilliseconds {
                await rest(Self.restMilliseconds)
                continue
            }
            for batch in await batches(received) {
                // Who follows the queue next gets what was not begun.
                if isStopped { await giveBack(batch) } else { await deliver(batch) }
            }
            received = []
            opened = service.monotonicMilliseconds
        }
        await giveBack(received)
    }

    private func giveBack(_ messages: [ReceivedMessage]) async {
        guard !messages.isEmpty else { return }
        let (queue, receipts) = (queue, messages.map(\.receipt))
        await note(evenIfDeleted: true) {
            for receipt in receipts { try queue.changeVisibility(receipt, milliseconds: 0, in: $0) }
        }
    }

    /// Messages that no filter lets through are deleted.
    private func wanted(_ messages: [ReceivedMessage]) async -> [ReceivedMessage] {
        guard !patterns.isEmpty else { return messages }
        var kept: [ReceivedMessage] = []
        for message in messages {
            // Patterns look into a body that is JSON.
            var event = record(message)
            if let body = try? JSONValue.parse(message.message.body) { event["body"] = body }
            if isWanted(event) {
                kept.append(message)
            } else {
                await delete(message)
            }
        }
        return kept
    }

    private func delete(_ message: ReceivedMessage) async {
        let (queue, receipt) = (queue, message.receipt)
        await note { try queue.delete(receipt, in: $0) }
    }

    /// Messages that fit into one event each time. One that fits into none is deleted.
    private func batches(_ messages: [ReceivedMessage]) async -> [[ReceivedMessage]] {
        var batches: [[ReceivedMessage]] = []
        var room = 0
        for message in messages {
            let bytes = record(message).encoded().count + 1
            guard bytes <= Self.mostBytes else {
                service.asyncEvents.log(
                    "Message \(message.id) of queue '\(queue.name)' was dropped: its event would have "
                        + "\(bytes) bytes, and \(Self.mostBytes) are allowed.")
                await delete(message)
                continue
            }
            if batches.isEmpty || bytes > room {
                batches.append([])
                room = Self.mostBytes
            }
            batches[batches.count - 1].append(message)
            room -= bytes
        }
        return batches
    }

    private func deliver(_ messages: [ReceivedMessage]) async {
        let event: JSONValue = ["Records": .array(messages.map { .object(record($0)) })]
        let outcome = await service.invoke(
            mapping.function, payload: event.encoded(), InvokeOptions(qualifier: mapping.qualifier))
        guard case .success(let result) = outcome else {
            await rest(Self.restMilliseconds)
            return
        }
        var failed: Set<String> = []
        if mapping.settings.reportsFailures {
            switch BatchItemFailures(result.payload, known: Set(messages.map(\.id))) {
            case .none: break
            case .all: return
            case .some(let ids): failed = Set(ids)
            }
        }
        let (queue, receipts) = (queue, messages.filter { !failed.contains($0.id) }.map(\.receipt))
        // The function has them, whatever became of the mapping meanwhile.
        await note(evenIfDeleted: true) { for receipt in receipts { try queue.delete(receipt, in: $0) } }
    }

    /// As SQS's events have it.
    private func record(_ message: ReceivedMessage) -> JSONObject {
        let attributes = message.message.attributes.sorted { $0.key < $1.key }.map { name, attribute in
            let value: JSONValue = [
                "stringValue": .string(attribute.value), "stringListValues": [], "binaryListValues": [],
                "dataType": .string(attribute.type),
            ]
            return (name, value)
        }
        return [
            "messageId": .string(message.id),
            "receiptHandle": .string(Base64.encode(message.receipt)),
            "body": .string(String(decoding: message.message.body, as: UTF8.self)),
            "attributes": [
                "ApproximateReceiveCount": .string("\(message.receives)"),
                "SentTimestamp": .string("\(message.sent.milliseconds)"),
                "SenderId": .string(service.configuration.accountID),
                "ApproximateFirstReceiveTimestamp": .string("\(message.sent.milliseconds)"),
            ],
            "messageAttributes": .object(JSONObject(attributes)),
            "md5OfBody": .string(Hex.encode(MD5.hash(message.message.body))),
            "eventSource": "aws:sqs",
            "eventSourceARN": .string(mapping.source),
            "awsRegion": .string(service.configuration.region),
        ]
    }
}
