import Clock
import Testing

@testable import Lambda

@Suite struct LogTests {
    @Test func platformLines() {
        #expect(LogLines.start("ID", version: "$LATEST") == "START RequestId: ID Version: $LATEST\n")
        #expect(LogLines.end("ID") == "END RequestId: ID\n")
        #expect(
            LogLines.timedOut("ID", at: Timestamp(milliseconds: 1_700_000_000_123), afterMilliseconds: 3000)
                == "2023-11-14T22:13:20.123Z ID Task timed out after 3.00 seconds\n\n")
        #expect(
            LogLines.failure(.exited(code: 1, signal: 0), requestID: "ID")
                == "RequestId: ID Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n")
        #expect(
            LogLines.initReport(milliseconds: 10008.9, phase: "init", failure: .timeout)
                == "INIT_REPORT Init Duration: 10008.90 ms\tPhase: init\tStatus: timeout\n")
    }

    static let reports: [(LogLines.Report, String)] = [
        (
            .init(requestID: "ID", durationMs: 12.34, memoryMB: 128, maxMemoryMB: 31),
            "REPORT RequestId: ID\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
                + "Max Memory Used: 31 MB\t\n"
        ),
        (
            .init(requestID: "ID", durationMs: 12.34, memoryMB: 128, maxMemoryMB: 31, initMs: 45.67),
            "REPORT RequestId: ID\tDuration: 12.34 ms\tBilled Duration: 59 ms\tMemory Size: 128 MB\t"
                + "Max Memory Used: 31 MB\tInit Duration: 45.67 ms\t\n"
        ),
        (
            .init(requestID: "ID", durationMs: 3000, memoryMB: 128, maxMemoryMB: 31, failure: .timeout),
            "REPORT RequestId: ID\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\t"
                + "Max Memory Used: 31 MB\tStatus: timeout\t\n"
        ),
        (
            .init(
                requestID: "ID", durationMs: 0.2, memoryMB: 256, maxMemoryMB: 0,
                failure: .error(type: "Runtime.ExitError")),
            "REPORT RequestId: ID\tDuration: 0.20 ms\tBilled Duration: 1 ms\tMemory Size: 256 MB\t"
                + "Max Memory Used: 0 MB\tStatus: error\tError Type: Runtime.ExitError\t\n"
        ),
    ]

    @Test(arguments: reports.indices) func report(row: Int) {
        #expect(LogLines.report(Self.reports[row].0) == Self.reports[row].1)
    }

    @Test func outputIsCutIntoLines() {
        var lines = OutputLines()
        #expect(lines.add(Array("a".utf8)) == [])
        #expect(lines.add(Array("b\nc\nd".utf8)) == Array("ab\nc\n".utf8))
        #expect(lines.flush() == Array("d\n".utf8))
        #expect(lines.flush() == [])
        #expect(lines.add(Array("\n".utf8)) == Array("\n".utf8))
    }

    @Test func anEndlessLineIsSplit() {
        var lines = OutputLines()
        #expect(lines.add([UInt8](repeating: 0x78, count: 262_144)) == [])
        let split = lines.add([0x79])
        #expect(split.count == 262_145)
        #expect(split.suffix(2) == [0x78, 0x0a])
        #expect(lines.add([0x0a]) == [0x79, 0x0a])
    }

    @Test func aLineAtTheLimitIsWhole() {
        var lines = OutputLines()
        #expect(lines.add([UInt8](repeating: 0x78, count: 262_144)) == [])
        #expect(lines.add([0x0a]).count == 262_145)
        #expect(lines.flush() == [])
    }

    @Test func theTailKeepsTheLastFourKilobytes() {
        var tail = LogTail()
        for number in 0..<3000 { tail.add("\(number)\n".utf8) }
        #expect(tail.bytes.count == 4096)
        #expect(String(decoding: tail.bytes, as: UTF8.self).hasSuffix("2998\n2999\n"))
        var short = LogTail()
        short.add("abc".utf8)
        #expect(short.bytes == Array("abc".utf8))
    }
}
