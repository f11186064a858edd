import Clock
import JSON

/// What a function gets of a stream (AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB").
enum StreamEvent {
    /// A record as it stands in the event. It differs from the streams' API in two members.
    static func record(_ record: StreamRecord, source: String) -> JSONObject {
        var object = record.json
        object["eventSourceARN"] = .string(source)
        if let identity = object["userIdentity"] {
            object["userIdentity"] = [
                "principalId": identity["PrincipalId"] ?? identity["principalId"] ?? .null,
                "type": identity["Type"] ?? identity["type"] ?? .null,
            ]
        }
        return object
    }

    /// A batch, or the end of a window.
    static func encode(_ records: [JSONObject], window: Window? = nil) -> [UInt8] {
        var event: JSONObject = ["Records": .array(records.map { .object($0) })]
        if let window {
            event.append(
                "window",
                [
                    "start": .string(Timestamp(milliseconds: window.start).iso8601Seconds),
                    "end": .string(Timestamp(milliseconds: window.end).iso8601Seconds),
                ])
            event.append("state", window.state)
            event.append("shardId", .string(window.shardID))
            event.append("eventSourceARN", .string(window.source))
            event.append("isFinalInvokeForWindow", .bool(window.isFinal))
            event.append("isWindowTerminatedEarly", .bool(window.endsEarly))
        }
        return event.encoded()
    }

    /// A tumbling window, as the event tells of it.
    struct Window {
        /// Milliseconds since 1970.
        var start: Int64
        var end: Int64
        var state: JSONValue
        var shardID: String
        var source: String
        var isFinal: Bool
        /// Its state has become too large.
        var endsEarly = false
    }
}

/// What a destination is told of records that could not be processed.
struct StreamBatchRecord {
    let source: String
    let shardID: String
    let functionARN: String
    let condition: BatchProgress.Condition
    let chunk: BatchProgress.Chunk
    let time: Timestamp

    /// - Parameter payload: the event itself, which buckets get too.
    func encoded(payload: [UInt8]?) -> [UInt8] {
        var record: JSONObject = [
            "requestContext": [
                "requestId": .string(chunk.requestID),
                "functionArn": .string(functionARN),
                "condition": .string(condition.rawValue),
                "approximateInvokeCount": .number(JSONNumber(chunk.calls)),
            ]
        ]
        if let answer = chunk.answer {
            record.append(
                "responseContext",
                [
                    "statusCode": 200, "executedVersion": .string(answer.version),
                    "functionError": answer.error.map { .string($0) } ?? .null,
                ])
        }
        record.append("version", "1.0")
        record.append("timestamp", .string(time.iso8601))
        record.append(
            "DDBStreamBatchInfo",
            [
                "shardId": .string(shardID),
                "startSequenceNumber": .string(chunk.records.first?.sequenceNumber ?? ""),
                "endSequenceNumber": .string(chunk.records.last?.sequenceNumber ?? ""),
                "approximateArrivalOfFirstRecord": .string(Self.arrival(chunk.records.first)),
                "approximateArrivalOfLastRecord": .string(Self.arrival(chunk.records.last)),
                "batchSize": .number(JSONNumber(chunk.records.count)),
                "streamArn": .string(source),
            ])
        if let payload { record.append("payload", .string(String(decoding: payload, as: UTF8.self))) }
        return record.encoded()
    }

    private static func arrival(_ record: StreamRecord?) -> String {
        record.map { Timestamp(milliseconds: $0.time.seconds * 1000).iso8601Seconds } ?? ""
    }
}
