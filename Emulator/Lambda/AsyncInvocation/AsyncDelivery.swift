import Bytes
import Clock
import Net
import Store

/// What is told of an event that has ended, and to whom; stored in the commit that ends it.
enum AsyncDelivery: Sendable {
    /// Another function gets the record as its event.
    case function(AsyncEvent)
    case queue(String, QueueMessage)
    case bucket(BucketDelivery)

    func store(in transaction: Transaction, now: Timestamp) throws {
        switch self {
        case .function(let event): try AsyncStorage.put(event, due: now, in: transaction)
        case .queue(let name, let message):
            MessageQueue.send(message, to: name, visible: now, in: transaction)
        case .bucket(let record): record.write(due: now, in: transaction)
        }
    }
}

extension AsyncEvents {
    /// AWS ends a loop of functions after so many rounds.
    private static let mostHops = 16

    func deliveries(
        of event: AsyncEvent, _ condition: AsyncPolicy.Condition, _ result: InvokeResult?,
        _ config: EventInvokeConfig?
    ) -> [AsyncDelivery] {
        var deliveries: [AsyncDelivery] = []
        if condition != .success, let arn = service.deadLetterTarget(of: event.function, event.qualifier) {
            if case .queue(let queue)? = service.destination(arn), service.hasQueue(queue) {
                let letter = DeadLetter(event: event, result: result, condition: condition)
                deliveries.append(.queue(queue, letter.message))
            } else {
                log("Event \(event.requestID) does not get to \(arn): there is no such queue.")
            }
        }
        guard let arn = config?.destination(for: condition) else { return deliveries }
        guard let destination = service.usable(arn) else {
            log(
                "The record of event \(event.requestID) does not get to \(arn): there is no such destination."
            )
            return deliveries
        }
        let record = InvocationRecord(
            event: event,
            functionARN: service.arn(event.function, event.qualifier ?? VersionRecord.latest),
            condition: condition, result: result, count: event.failures + (result == nil ? 0 : 1),
            time: service.clock.now
        ).encoded()
        if let delivery = delivery(of: record, to: destination, event) { deliveries.append(delivery) }
        return deliveries
    }

    private func delivery(
        of record: [UInt8], to destination: Destination, _ event: AsyncEvent
    ) -> AsyncDelivery? {
        let now = service.clock.now
        switch destination {
        case .function(let name, let qualifier):
            guard event.hops < Self.mostHops else {
                log(
                    "The record of event \(event.requestID) is not passed on: it went through \(event.hops) functions."
                )
                return nil
            }
            let limit = InvokeRequest.Kind.event.limit
            guard record.count <= limit else {
                log(
                    "The record of event \(event.requestID) is not passed on to function '\(name)': "
                        + "it has \(record.count) bytes, and \(limit) are allowed.")
                return nil
            }
            return .function(
                AsyncEvent(
                    function: name, qualifier: qualifier, payload: record, requestID: UUID4.make(),
                    traceID: event.traceID, accepted: now, hops: event.hops + 1))
        case .queue(let name): return .queue(name, QueueMessage(body: record))
        case .bucket(let bucket):
            return .bucket(
                BucketDelivery(
                    bucket: bucket, key: BucketDelivery.key(of: event.function, at: now), first: now,
                    body: record))
        }
    }
}
