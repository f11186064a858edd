import Bytes
import Clock

/// The platform's lines in a function's log, text format.
enum LogLines {
    /// What is known at the end of an invocation.
    struct Report {
        var requestID: String
        var durationMs: Double
        var memoryMB: Int
        var maxMemoryMB: Int
        /// Only for the first invocation of an environment.
        var initMs: Double?
        var failure: Failure?

        enum Failure: Equatable {
            case timeout
            case error(type: String)
        }

        /// AWS bills whole milliseconds, at least one, and since August 2025 the init with them.
        var billedMs: Int { max(1, Int((durationMs + (initMs ?? 0)).rounded(.up))) }
    }

    /// Stands where AWS names its build of the runtime.
    static let runtimeVersion = "provided:al2023.emulator"

    static func initStart(region: String) -> String {
        "INIT_START Runtime Version: \(runtimeVersion)\tRuntime Version ARN: "
            + "arn:aws:lambda:\(region)::runtime:\(String(repeating: "0", count: 64))\n"
    }

    /// Written for failed inits only. `phase` is `init`, or `invoke` for one inside an invocation.
    static func initReport(milliseconds: Double, phase: String, failure: Report.Failure) -> String {
        "INIT_REPORT Init Duration: \(Decimal2.text(milliseconds)) ms\tPhase: \(phase)"
            + "\(status(failure))\n"
    }

    static func start(_ requestID: String, version: String = "$LATEST") -> String {
        LineText.make { text in
            text.add("START RequestId: ", requestID)
            text.add(" Version: ", version)
            text.add("\n")
        }
    }

    static func end(_ requestID: String) -> String { LineText.make { $0.addEnd(requestID) } }

    static func report(_ report: Report) -> String { LineText.make { $0.add(report) } }

    /// The last two lines of an invocation.
    static func endAndReport(_ report: Report) -> String {
        LineText.make { text in
            text.addEnd(report.requestID)
            text.add(report)
        }
    }

    static func timedOut(_ requestID: String, at now: Timestamp, afterMilliseconds timeout: Int) -> String {
        "\(now.iso8601) \(requestID) Task timed out after \(Decimal2.text(Double(timeout) / 1000)) seconds\n\n"
    }

    /// The lines about a crash, a missing bootstrap, and the like.
    static func failure(_ error: PlatformError, requestID: String) -> String {
        "\(error.text(requestID: requestID))\n\(error.type)\n"
    }

    fileprivate static func status(_ failure: Report.Failure) -> String {
        switch failure {
        case .timeout: "\tStatus: timeout"
        case .error(let type): "\tStatus: error\tError Type: \(type)"
        }
    }
}

/// A line that each invocation has, put together as bytes: interpolation takes ten times as long.
private struct LineText {
    private var bytes: [UInt8] = []

    static func make(_ write: (inout LineText) -> Void) -> String {
        var text = LineText()
        text.bytes.reserveCapacity(256)
        write(&text)
        return text.bytes.withUnsafeBufferPointer { String(mostlyASCII: $0) }
    }

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(_ before: StaticString, _ text: String) {
        add(before)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func addEnd(_ requestID: String) {
        add("END RequestId: ", requestID)
        add("\n")
    }

    mutating func add(_ report: LogLines.Report) {
        add("REPORT RequestId: ", report.requestID)
        add("\tDuration: ", Decimal2.text(report.durationMs))
        add(" ms\tBilled Duration: ", String(report.billedMs))
        add(" ms\tMemory Size: ", String(report.memoryMB))
        add(" MB\tMax Memory Used: ", String(report.maxMemoryMB))
        add(" MB\t")
        if let initMs = report.initMs {
            add("Init Duration: ", Decimal2.text(initMs))
            add(" ms\t")
        }
        if let failure = report.failure {
            add("", String(LogLines.status(failure).dropFirst()))
            add("\t")
        }
        add("\n")
    }
}
