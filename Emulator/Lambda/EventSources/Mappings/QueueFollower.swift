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

    private var queue: StoredMessageQueue {
        StoredMessageQueue(Self.name(mapping.source), in: store, clock: service.clock)
    }

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
            let timeout = service.timeoutMilliseconds(of: mapping.function) ?? 0
            do {
                if try queue.hasVisible() {
                    received += try await queue.receive(
                        maximum: size - received.count,
                        visibilityMilliseconds: max(Self.visibilityMilliseconds, Int64(timeout) * 6))
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
            if received.count < size, age < Int64(mapping.settings.windowSeconds) * 1_000 {
                await rest(Self.restMilliseconds)
                continue
            }
            await deliver(received)
            received = []
            opened = service.monotonicMilliseconds
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
        let receipt = message.receipt
        await note { $0.delete(.queue, receipt) }
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
        let receipts = messages.filter { !failed.contains($0.id) }.map(\.receipt)
        await note { for receipt in receipts { $0.delete(.queue, receipt) } }
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
