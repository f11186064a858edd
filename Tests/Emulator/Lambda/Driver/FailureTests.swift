import Foundation
import JSON
import Lambda
import Net
import Testing
import Waiting

@Suite struct FailureTests {
    /// The body, with the request's id replaced.
    private func body(_ outcome: InvokeOutcome) -> String {
        outcome.text.replacingOccurrences(of: outcome.result?.requestID ?? "-", with: "ID")
    }

    @Test func anErrorIsPassedOnAsItIs() async throws {
        try await Workshop([Workshop.function(concurrency: 1)]).use { shop in
            let outcome = await shop.call(["do": "error"], options: .init(wantsLogTail: true))
            #expect(outcome.isFunctionError)
            #expect(outcome.result?.functionError == "Unhandled")
            #expect(outcome.text == #"{"errorMessage":"bad","errorType":"MyError"}"#)
            #expect(outcome.log.contains("\tStatus: error\tError Type: Function.Bad\t\n"))
            #expect(await shop.call([:]).json["count"] == 2)
        }
    }

    static let ends: [(JSONValue, String)] = [
        (["do": "exit", "code": 0], "Runtime exited without providing a reason"),
        (["do": "exit", "code": 9], "Runtime exited with error: exit status 9"),
        (["do": "signal", "number": 9], "Runtime exited with error: signal: killed"),
        (["do": "signal", "number": 11], "Runtime exited with error: signal: segmentation fault"),
    ]

    @Test(arguments: ends.indices) func theEndOfAProcessIsReported(row: Int) async throws {
        let (event, message) = Self.ends[row]
        try await Workshop([Workshop.function(concurrency: 1)]).use { shop in
            let warm = await shop.call([:])
            let outcome = await shop.call(event, options: .init(wantsLogTail: true))
            #expect(outcome.isFunctionError)
            #expect(
                body(outcome)
                    == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: \#(message)"}"#
            )
            let printed = event["do"] == "exit" ? "leaving\n" : ""
            #expect(
                masked(outcome.log, requestID: outcome.result?.requestID ?? "") == """
                    START RequestId: ID Version: $LATEST
                    \(printed)RequestId: ID Error: \(message)
                    Runtime.ExitError
                    END RequestId: ID
                    REPORT RequestId: ID\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 256 MB\tMax Memory Used: N MB\tStatus: error\tError Type: Runtime.ExitError\t

                    """)
            let next = await shop.call([:])
            #expect(next.json["count"] == 1)
            #expect(next.json["pid"] != warm.json["pid"])
        }
    }

    @Test func anExitAfterTheAnswerDoesNotChangeIt() async throws {
        try await Workshop().use { shop in
            let outcome = await shop.call(["do": "answer then exit"], options: .init(wantsLogTail: true))
            #expect(outcome.isSuccess)
            #expect(outcome.text == #""answered""#)
            #expect(outcome.log.contains("Runtime exited with error: exit status 3\n"))
            #expect(await shop.call([:]).json["count"] == 1)
        }
    }

    @Test func aTimeoutKillsAndTheNextCallStartsAgain() async throws {
        try await Workshop([Workshop.function(timeout: 2_500, concurrency: 1)]).use { shop in
            let warm = process(await shop.call([:]).json)
            let started = Date()
            let outcome = await shop.call(
                ["do": "sleep", "seconds": 30], options: .init(wantsLogTail: true))
            let took = Date().timeIntervalSince(started)
            #expect(took >= 2.49 && took < 25)
            #expect(outcome.isFunctionError)
            #expect(outcome.result?.timedOut == true)
            #expect(
                body(outcome)
                    == #"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 2.50 seconds"}"#
            )
            let lines = outcome.log.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 6)
            #expect(lines[0].hasPrefix("START "))
            #expect(lines[1].hasSuffix(" Task timed out after 2.50 seconds"))
            #expect(lines[2] == "")
            #expect(lines[3].hasPrefix("END "))
            #expect(lines[4].contains("\tDuration: 2500.00 ms\tBilled Duration: 2500 ms\t"))
            #expect(lines[4].hasSuffix("\tStatus: timeout\t"))
            let next = await shop.call([:])
            #expect(next.json["count"] == 1)
            #expect(warm > 0 && !isAlive(warm))
        }
    }

    @Test func aTimeoutTakesTheProcesssChildrenAlong() async throws {
        try await Workshop([Workshop.function(timeout: 2_000)]).use { shop in
            let outcome = await shop.call(["do": "child", "hang": true], options: .init(wantsLogTail: true))
            #expect(outcome.result?.timedOut == true)
            let line = try #require(outcome.log.split(separator: "\n").first { $0.hasPrefix("child ") })
            let child = try JSONValue.parse(Array(line.dropFirst(6).utf8))
            try #require(child["pid"]?.int != nil)
            #expect(await eventually { process(child) == 0 })
        }
    }

    @Test func aTooLargeResponseIsRefusedAndTheProcessLives() async throws {
        try await Workshop([Workshop.function(timeout: 15_000, concurrency: 1)]).use { shop in
            let limit = 6 * 1_048_576 + 100
            let fits = await shop.call(["do": "big", "bytes": .number(JSONNumber(limit))])
            #expect(fits.isSuccess)
            #expect(fits.result?.payload.count == limit)
            let outcome = await shop.call(["do": "big", "bytes": .number(JSONNumber(limit + 1))])
            #expect(outcome.isFunctionError)
            #expect(
                outcome.text
                    == #"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
            )
            #expect(await shop.call([:]).json["count"] == 3)
        }
    }

    @Test func anInitErrorReachesTheInvoker() async throws {
        try await Workshop([Workshop.function(environment: ["MODE": "init-error"])]).use { shop in
            let outcome = await shop.call([:])
            #expect(outcome.isFunctionError)
            #expect(outcome.text == #"{"errorMessage":"no luck","errorType":"Init.Bad"}"#)
            let log = masked(try await shop.log(), requestID: outcome.result?.requestID ?? "")
            let start = "INIT_START Runtime Version: provided:al2023.emulator\tRuntime Version ARN: "
            #expect(log.components(separatedBy: start).count == 3)
            #expect(log.components(separatedBy: "cannot start\n").count == 3)
            #expect(
                log.contains(
                    "INIT_REPORT Init Duration: N ms\tPhase: init\tStatus: error\tError Type: Runtime.BadInit\n"
                ))
            #expect(
                log.contains(
                    "INIT_REPORT Init Duration: N ms\tPhase: invoke\tStatus: error\tError Type: Runtime.BadInit\n"
                ))
            #expect(log.contains("START RequestId: ID Version: $LATEST\nEND RequestId: ID\nREPORT "))
        }
    }

    @Test func anExitDuringInitReachesTheInvokerOncePerCall() async throws {
        try await Workshop([Workshop.function(environment: ["MODE": "init-exit"])]).use { shop in
            for _ in 0..<3 {
                let outcome = await shop.call([:])
                #expect(
                    body(outcome)
                        == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 7"}"#
                )
            }
            // Two starts for the first call, one for each further call, none by itself.
            let log = try await shop.log()
            #expect(log.components(separatedBy: "INIT_START").count - 1 == 4)
        }
    }

    @Test func aSlowInitIsTriedAgainInsideTheCall() async throws {
        let function = Workshop.function(
            timeout: 15_000, environment: ["MODE": "init-slow-once", "FLAG": "set"])
        try await Workshop([function]) { $0.initTimeoutMs = 2_500 }.use { shop in
            let outcome = await shop.call([:])
            #expect(outcome.isSuccess)
            let log = masked(try await shop.log())
            #expect(log.contains("INIT_REPORT Init Duration: N ms\tPhase: init\tStatus: timeout\n"))
        }
    }

    @Test func anInitWithoutEndIsTheCallsTimeout() async throws {
        let function = Workshop.function(timeout: 500, environment: ["MODE": "init-hang"])
        try await Workshop([function]) { $0.initTimeoutMs = 200 }.use { shop in
            let outcome = await shop.call([:])
            #expect(outcome.json["errorType"] == "Sandbox.Timedout")
            let log = masked(try await shop.log())
            #expect(log.contains("INIT_REPORT Init Duration: N ms\tPhase: invoke\tStatus: timeout\nSTART "))
        }
    }

    @Test func badEntrypoints() async throws {
        let names = ["absent", "plain", "garbage", "foreign", "no-interpreter"]
        try await Workshop(names.map { Workshop.function($0, executable: $0) }).use { shop in
            try Workshop.write("#!/bin/sh\n", to: shop.folder + "/plain", mode: 0o644)
            try Workshop.write("\u{1}\u{2}\u{3}", to: shop.folder + "/garbage", mode: 0o755)
            // An ELF file for a SPARC.
            try Data(
                [0x7f, 0x45, 0x4c, 0x46, 2, 2, 1] + [UInt8](repeating: 0, count: 11) + [2, 0]
                    + Array("rest".utf8)
            )
            .write(to: URL(fileURLWithPath: shop.folder + "/foreign"))
            chmod(shop.folder + "/foreign", 0o755)
            try Workshop.write("#!/no/such\n", to: shop.folder + "/no-interpreter", mode: 0o755)
            let expected = [
                "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
                "fork/exec /var/task/bootstrap: permission denied",
                "fork/exec /var/task/bootstrap: exec format error",
                "fork/exec /var/task/bootstrap: exec format error",
                "fork/exec /var/task/bootstrap: no such file or directory",
            ]
            for (name, message) in zip(names, expected) {
                let outcome = await shop.call([:], name)
                #expect(
                    body(outcome)
                        == #"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: ID Error: \#(message)"}"#
                )
            }
        }
    }

    @Test func aProcessThatEndsBetweenCallsIsReplaced() async throws {
        try await Workshop().use { shop in
            let first = await shop.call([:], options: .init(wantsLogTail: true))
            let pid = process(first.json)
            try #require(pid > 0)
            kill(pid_t(pid), SIGKILL)
            let line = "Runtime exited with error: signal: killed, between two invocations\n"
            let isTold = try await eventually { try await shop.log().contains(line) }
            #expect(isTold)
            let next = await shop.call([:])
            #expect(next.isSuccess)
            #expect(next.json["count"] == 1)
        }
    }

    @Test func shutdownAnswersWhatIsInFlightAndLeavesNothing() async throws {
        try await Workshop().use { shop in
            let pid = process(await shop.call([:]).json)
            let child = process(await shop.call(["do": "child"]).json)
            async let pending = shop.call(["do": "sleep", "seconds": 30])
            let isRunning = try await eventually { try await shop.starts() == 3 }
            #expect(isRunning)
            await shop.service.shutdown()
            guard case .startFailure = await pending else {
                Issue.record("the call in flight got no definite answer")
                return
            }
            guard case .startFailure = await shop.call([:]) else {
                Issue.record("a call after the end was taken")
                return
            }
            #expect(pid > 0 && !isAlive(pid))
            #expect(child > 0 && !isAlive(child))
        }
    }
}
