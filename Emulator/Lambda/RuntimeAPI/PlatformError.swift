import Bytes
import JSON

/// An error that the platform, not the function, reports to the invoker: always HTTP 200 with
/// `X-Amz-Function-Error: Unhandled`.
struct PlatformError: Error, Equatable {
    let type: String
    let message: String
    /// Whether the message starts with `RequestId: ... Error: `.
    let namesRequest: Bool

    init(type: String, message: String, namesRequest: Bool = true) {
        self.type = type
        self.message = message
        self.namesRequest = namesRequest
    }

    /// The text of the message for one request.
    func text(requestID: String) -> String {
        namesRequest ? "RequestId: \(requestID) Error: \(message)" : message
    }

    /// The body for the invoker, keys in AWS's order.
    func body(requestID: String) -> [UInt8] {
        var object = JSONObject()
        if namesRequest {
            object.append("errorType", .string(type))
            object.append("errorMessage", .string(text(requestID: requestID)))
        } else {
            object.append("errorMessage", .string(message))
            object.append("errorType", .string(type))
        }
        return JSONValue.object(object).encoded()
    }

    static func timedOut(afterMilliseconds timeout: Int) -> PlatformError {
        PlatformError(
            type: "Sandbox.Timedout",
            message: "Task timed out after \(Decimal2.text(Double(timeout) / 1000)) seconds")
    }

    /// The process ended during an init or an invocation.
    static func exited(code: Int, signal: Int) -> PlatformError {
        let message =
            if signal != 0 {
                "Runtime exited with error: signal: \(SignalName.text(signal))"
            } else if code != 0 {
                "Runtime exited with error: exit status \(code)"
            } else {
                "Runtime exited without providing a reason"
            }
        return PlatformError(type: "Runtime.ExitError", message: message)
    }

    /// - Parameter limit: bytes.
    static func responseTooLarge(
        limit: Int = RuntimeAPIAnswer.maximumResponseBytes
    ) -> PlatformError {
        PlatformError(
            type: "Function.ResponseSizeTooLarge",
            message: "Response payload size exceeded maximum allowed payload size (\(limit) bytes).",
            namesRequest: false)
    }

    /// The runtime's connection ended within its response.
    static let truncatedResponse = PlatformError(
        type: "Runtime.TruncatedResponse", message: "Runtime sent a truncated response")

    static let invalidResponseMode = PlatformError(
        type: "Runtime.InvalidResponseModeHeader", message: "Invalid response mode header")

    static let noBootstrap = PlatformError(
        type: "Runtime.InvalidEntrypoint",
        message: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")

    /// The kernel refused to execute the bootstrap; `reason` as Go prints the error number.
    static func notExecutable(
        _ reason: String, path: String = "/var/task/bootstrap"
    ) -> PlatformError {
        PlatformError(type: "Runtime.InvalidEntrypoint", message: "fork/exec \(path): \(reason)")
    }
}

/// Signals as Go's standard library, in which AWS's supervisor is written, prints them.
enum SignalName {
    private static let names = [
        1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 5: "trace/breakpoint trap",
        6: "aborted", 7: "bus error", 8: "floating point exception", 9: "killed",
        10: "user defined signal 1", 11: "segmentation fault", 12: "user defined signal 2",
        13: "broken pipe", 14: "alarm clock", 15: "terminated",
    ]

    static func text(_ signal: Int) -> String { names[signal] ?? "signal \(signal)" }
}

/// Numbers with two decimals, as Lambda's log and error texts carry them.
enum Decimal2 {
    /// - Parameter value: not negative, below 10^15.
    static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return String(hundredths / 100) + (fraction < 10 ? ".0" : ".") + String(fraction)
    }
}
