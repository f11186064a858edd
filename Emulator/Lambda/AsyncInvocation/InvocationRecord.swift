import Clock
import JSON

/// What a destination is told of an asynchronous invocation (AWS Lambda Developer Guide, "Capturing records of Lambda
/// asynchronous invocations").
struct InvocationRecord {
    let event: AsyncEvent
    /// With a qualifier.
    let functionARN: String
    let condition: AsyncPolicy.Condition
    /// Nil when the function was not called at all.
    let result: InvokeResult?
    /// How often it was called.
    let count: Int
    let time: Timestamp

    /// JSON text. What was sent to the function and what it answered stand in it as they are.
    func encoded() -> [UInt8] {
        let head: JSONObject = [
            "version": "1.0",
            "timestamp": .string(time.iso8601),
            "requestContext": [
                "requestId": .string(event.requestID),
                "functionArn": .string(functionARN),
                "condition": .string(condition.rawValue),
                "approximateInvokeCount": .number(JSONNumber(count)),
            ],
        ]
        var bytes = head.encoded()
        bytes.removeLast()
        bytes += Array(#","requestPayload":"#.utf8) + event.payload
        if let result {
            var response: JSONObject = [
                "statusCode": 200, "executedVersion": .string(result.executedVersion),
            ]
            if let error = result.functionError { response.append("functionError", .string(error)) }
            bytes += Array(#","responseContext":"#.utf8) + response.encoded()
            bytes += Array(#","responsePayload":"#.utf8) + Self.json(result.payload)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// What a custom runtime answers need not be JSON; then it is shown as a text.
    static func json(_ payload: [UInt8]) -> [UInt8] {
        if payload.isEmpty { return Array("null".utf8) }
        if (try? JSONValue.parse(payload, limits: JSONLimits(maxDepth: 1000))) != nil { return payload }
        return JSONValue.string(String(decoding: payload, as: UTF8.self)).encoded()
    }
}

/// What a dead-letter queue gets: the event itself, and why it is there in attributes.
struct DeadLetter {
    let event: AsyncEvent
    let result: InvokeResult?
    let condition: AsyncPolicy.Condition

    /// Bytes of the error's message that are passed on.
    private static let longestMessage = 1024

    var message: QueueMessage {
        QueueMessage(
            body: event.payload,
            attributes: [
                "RequestID": .init(type: "String", value: event.requestID),
                "ErrorCode": .init(type: "Number", value: result == nil ? "429" : "200"),
                "ErrorMessage": .init(type: "String", value: errorMessage),
            ])
    }

    private var errorMessage: String {
        let answer = result.flatMap { try? JSONValue.parse($0.payload) }
        let text =
            answer?["errorMessage"]?.string ?? result.map { String(decoding: $0.payload, as: UTF8.self) }
        return Self.cut(text ?? condition.rawValue)
    }

    private static func cut(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > longestMessage else { return text }
        var end = bytes.index(bytes.startIndex, offsetBy: longestMessage)
        // Characters of several bytes stay whole.
        while bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
        return String(text[..<end])
    }
}
