import Bytes
import Clock
import HTTPTypes
import JSON
import Net

/// The events that extensions get (AWS Lambda Developer Guide, "Using the Lambda Extensions API").
enum ExtensionEvent {
    @EventLoop static func invoke(_ invocation: Invocation) -> JSONValue {
        [
            "eventType": "INVOKE",
            "deadlineMs": .number(JSONNumber(invocation.deadline.milliseconds)),
            "requestId": .string(invocation.requestID),
            "invokedFunctionArn": .string(invocation.functionARN),
            "tracing": ["type": "X-Amzn-Trace-Id", "value": .string(invocation.traceID)],
        ]
    }

    static func shutdown(_ reason: ShutdownReason, _ deadline: Timestamp) -> JSONValue {
        [
            "eventType": "SHUTDOWN",
            "shutdownReason": .string(reason.rawValue),
            "deadlineMs": .number(JSONNumber(deadline.milliseconds)),
        ]
    }

    static func answer(_ event: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "application/json", "Lambda-Extension-Event-Identifier": UUID4.make(),
            ],
            body: .bytes(event.encoded()))
    }
}
