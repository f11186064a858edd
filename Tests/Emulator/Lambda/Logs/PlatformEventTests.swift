import Clock
import JSON
import Testing

@testable import Lambda

@Suite struct PlatformEventTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_123)
    private let facts = PlatformEvent.Init(
        region: "eu-north-1", functionName: "f", version: "3", type: "on-demand", memoryMB: 128,
        logStream: "s")

    private func kinds(_ event: PlatformEvent, _ level: FunctionLogging.Level) -> [String] {
        let lines = event.lines(FunctionLogging(format: .json, systemLevel: level), at: now)
        return lines.split(separator: "\n").compactMap {
            (try? JSONValue.parse(Array($0.utf8)))?["type"]?.string
        }
    }

    private func report(_ failure: LogLines.Report.Failure?) -> PlatformEvent {
        .end(
            .init(requestID: "ID", durationMs: 12.3456, memoryMB: 128, maxMemoryMB: 31, failure: failure),
            producedBytes: 7)
    }

    @Test func textIsLambdas() {
        let text = PlatformEvent.start(requestID: "ID", version: "3").lines(FunctionLogging(), at: now)
        #expect(text == "START RequestId: ID Version: 3\n")
        #expect(report(nil).lines(FunctionLogging(), at: now).hasPrefix("END RequestId: ID\nREPORT "))
    }

    @Test func jsonStart() {
        let line = PlatformEvent.start(requestID: "ID", version: "3")
            .lines(FunctionLogging(format: .json), at: now)
        #expect(
            line
                == #"{"time":"2023-11-14T22:13:20.123Z","type":"platform.start","record":{"requestId":"ID","version":"3"}}"#
                + "\n")
    }

    @Test func jsonReport() throws {
        let lines = report(nil).lines(FunctionLogging(format: .json), at: now)
        let value = try JSONValue.parse(Array(lines.utf8))
        #expect(
            value["record"] == [
                "requestId": "ID",
                "metrics": [
                    "durationMs": 12.346, "billedDurationMs": 13, "memorySizeMB": 128, "maxMemoryUsedMB": 31,
                ],
                "status": "success",
            ])
    }

    @Test func levelsDecideWhatIsShown() {
        let well = report(nil)
        let badly = report(.error(type: "Runtime.ExitError"))
        #expect(kinds(well, .debug) == ["platform.runtimeDone", "platform.report"])
        #expect(kinds(well, .info) == ["platform.report"])
        #expect(kinds(well, .warn) == [])
        #expect(kinds(badly, .warn) == ["platform.runtimeDone", "platform.report"])
        #expect(kinds(.initStart(facts), .info) == ["platform.initStart"])
        #expect(kinds(.initStart(facts), .warn) == [])
    }

    @Test func anInitsEndIsGraverAheadOfInvocations() {
        var ahead = facts
        ahead.type = "provisioned-concurrency"
        func end(_ facts: PlatformEvent.Init, _ failure: LogLines.Report.Failure?) -> PlatformEvent {
            .initEnd(facts, milliseconds: 1, phase: "init", failure: failure)
        }
        #expect(kinds(end(facts, nil), .info) == [])
        #expect(kinds(end(ahead, nil), .info) == ["platform.initReport"])
        #expect(kinds(end(facts, .timeout), .warn) == ["platform.initRuntimeDone", "platform.initReport"])
    }

    @Test func textTellsOnlyOfFailedInits() {
        let well = PlatformEvent.initEnd(facts, milliseconds: 1, phase: "init", failure: nil)
        #expect(well.lines(FunctionLogging(), at: now) == "")
    }

    static let lines: [(String, FunctionLogging.Level, Bool)] = [
        (#"{"level":"info"}"#, .info, true), (#"{"level":"DEBUG"}"#, .info, false),
        (#"{"level":"trace"}"#, .debug, false), (#"{"level":"FATAL"}"#, .error, true),
        (#"{"message":1}"#, .info, true), (#"{"message":1}"#, .warn, false),
        (#"{"level":"loud"}"#, .warn, false), (#"{"level":3}"#, .info, true), ("text", .fatal, true),
        ("{broken", .fatal, true), ("[1]", .fatal, true), ("", .fatal, true),
    ]

    @Test(arguments: lines.indices) func linesOfTheFunctionAreFiltered(row: Int) {
        let (line, level, isKept) = Self.lines[row]
        let logging = FunctionLogging(format: .json, applicationLevel: level)
        #expect(ApplicationFilter.kept(Array((line + "\n").utf8), logging).isEmpty == !isKept)
    }

    @Test func eachLineIsJudgedByItself() {
        let text = "one\n{\"level\":\"DEBUG\"}\ntwo\n"
        let kept = ApplicationFilter.kept(Array(text.utf8), FunctionLogging(format: .json))
        #expect(String(decoding: kept, as: UTF8.self) == "one\ntwo\n")
        #expect(ApplicationFilter.kept(Array(text.utf8), FunctionLogging()) == Array(text.utf8))
    }
}
