import Foundation
import JSON
import Lambda
import Net
import Testing
import Waiting

@Suite struct InvocationTests {
    @Test func warmReuse() async throws {
        try await Workshop([Workshop.function(concurrency: 1)]).use { shop in
            let first = await shop.call(["hello": "wörld"])
            let second = await shop.call([1, 2])
            #expect(first.isSuccess)
            #expect(first.json["event"] == ["hello": "wörld"])
            #expect(first.json["count"] == 1)
            #expect(second.json["event"] == [1, 2])
            #expect(second.json["count"] == 2)
            #expect(second.json["pid"] == first.json["pid"])
            let result = try #require(first.result)
            #expect(result.functionError == nil)
            #expect(result.executedVersion == "$LATEST")
            #expect(result.initMs ?? 0 > 0)
            #expect(result.maxMemoryMB > 0)
            #expect(second.result?.initMs == nil)
            #expect(second.result?.billedMs ?? 0 >= 1)
        }
    }

    @Test func anEmptyPayloadIsAnEmptyObject() async throws {
        try await Workshop().use { shop in
            let outcome = await shop.service.invoke("f", payload: [])
            #expect(outcome.json["event"] == [:])
        }
    }

    @Test func unknownFunctionAndTooLargeEvent() async throws {
        try await Workshop().use { shop in
            guard case .functionNotFound = await shop.call([:], "nobody") else {
                Issue.record("an unknown function was invoked")
                return
            }
            let large = [UInt8](repeating: 0x20, count: LambdaService.maximumPayloadBytes + 1)
            guard case .requestTooLarge(6_291_456) = await shop.service.invoke("f", payload: large) else {
                Issue.record("a too large event was taken")
                return
            }
        }
    }

    @Test func eventHeaders() async throws {
        try await Workshop([Workshop.function(timeout: 4000)]).use { shop in
            let before = (Date().timeIntervalSince1970 * 1000).rounded(.down)
            let options = InvokeOptions(
                qualifier: "$LATEST", clientContext: #"{"custom":{"a":"b"}}"#,
                traceID: "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
                requestID: "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            let full = await shop.call(["do": "headers"], options: options).json
            #expect(full["lambda-runtime-aws-request-id"] == "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            #expect(
                full["lambda-runtime-invoked-function-arn"]
                    == "arn:aws:lambda:eu-north-1:123456789012:function:f:$LATEST")
            #expect(
                full["lambda-runtime-trace-id"] == "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
            #expect(full["lambda-runtime-client-context"] == #"{"custom":{"a":"b"}}"#)
            #expect(full["content-type"] == "application/json")
            let deadline = try #require(full["lambda-runtime-deadline-ms"]?.string.flatMap { Double($0) })
            // The event was handed out between these two moments.
            #expect(deadline >= before + 3999 && deadline <= (full["now"]?.double ?? 0) + 4001)

            let plain = await shop.call(["do": "headers"]).json
            #expect(plain["lambda-runtime-client-context"] == nil)
            #expect(plain["lambda-runtime-cognito-identity"] == nil)
            #expect(
                plain["lambda-runtime-invoked-function-arn"]
                    == "arn:aws:lambda:eu-north-1:123456789012:function:f")
            let trace = plain["lambda-runtime-trace-id"]?.string ?? ""
            #expect(
                trace.wholeMatch(of: /Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0/) != nil)
        }
    }

    @Test func environmentVariablesAreExactlyTheDocumentedOnes() async throws {
        let own = ["TABLE": "t", "TZ": "Asia/Tokyo", "AWS_REGION": "forged", "AWS_ENDPOINT_URL": "http://x"]
        try await Workshop([Workshop.function(environment: own)]).use { shop in
            var found = await shop.call(["do": "environment"]).json.object ?? [:]
            let stream = found["AWS_LAMBDA_LOG_STREAM_NAME"]?.string ?? ""
            #expect(stream.wholeMatch(of: /\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}/) != nil)
            let api = found["AWS_LAMBDA_RUNTIME_API"]?.string ?? ""
            #expect(api.wholeMatch(of: /127\.0\.0\.1:\d+/) != nil)
            found.removeValue(forKey: "AWS_LAMBDA_LOG_STREAM_NAME")
            found.removeValue(forKey: "AWS_LAMBDA_RUNTIME_API")
            // Python sets this one itself when it finds no locale.
            found.removeValue(forKey: "LC_CTYPE")
            let isApart = await shop.service.isolation.refusal == nil
            let root = isApart ? "/var/task" : shop.folder
            if !isApart {
                found.removeValue(forKey: "TMPDIR")
                found.removeValue(forKey: "MUMBLE_RUNTIME_PIPELINE")
            }
            let expected: JSONObject = [
                "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK", "AWS_SESSION_TOKEN": "TK",
                "AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-north-1",
                "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f", "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
                "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000", "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
                "_AWS_XRAY_DAEMON_PORT": "2000", "LAMBDA_TASK_ROOT": .string(root),
                "LAMBDA_RUNTIME_DIR": "/var/runtime", "LANG": "en_US.UTF-8", "TZ": "Asia/Tokyo",
                "_HANDLER": "the.handler",
                "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
                "LD_LIBRARY_PATH": .string(
                    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:"
                        + "\(root):\(root)/lib:/opt/lib"),
                "TABLE": "t", "AWS_ENDPOINT_URL": "http://x",
            ]
            #expect(found == expected)
        }
    }

    @Test func eachEnvironmentHasAFolderOfItsOwn() async throws {
        try await Workshop([Workshop.function(timeout: 60_000)]).use { shop in
            async let first = shop.call(["do": "folder", "seconds": 3])
            async let second = shop.call(["do": "folder", "seconds": 3])
            let isApart = await shop.service.isolation.refusal == nil
            for found in await [first.json, second.json] {
                #expect(found == [.string(isApart ? "/var/task" : shop.folder), []])
            }
            await shop.service.shutdown()
            let left = try FileManager.default.contentsOfDirectory(atPath: shop.folder + "/tmp")
            #expect(left == [])
        }
    }

    @Test func scalesOutThenThrottles() async throws {
        try await Workshop([Workshop.function(timeout: 60_000, concurrency: 3)]).use { shop in
            let outcomes = await withTaskGroup(of: InvokeOutcome.self) { group in
                for _ in 0..<5 { group.addTask { await shop.call(["do": "sleep", "seconds": 4]) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter(\.isSuccess).count == 3)
            #expect(Set(outcomes.compactMap { $0.json["space"]?.int }).count == 3)
            #expect(
                outcomes.compactMap(\.throttleReason)
                    == Array(repeating: "ReservedFunctionConcurrentInvocationLimitExceeded", count: 2))
        }
    }

    @Test func theAccountsLimitTakesIdleEnvironmentsFirst() async throws {
        let functions = [Workshop.function("f"), Workshop.function("g", timeout: 60_000)]
        try await Workshop(functions) { $0.maxEnvironments = 1 }.use { shop in
            // With its log, the outcome is known when the environment is idle again.
            let first = await shop.call([:], "f", options: .init(wantsLogTail: true))
            let pid = process(first.json)
            let second = await shop.call([:], "g")
            #expect(first.isSuccess && second.isSuccess)
            #expect(pid > 0 && !isAlive(pid))
            async let busy = shop.call(["do": "sleep", "seconds": 4], "g")
            let isRunning = try await eventually { try await shop.starts("g") == 2 }
            #expect(isRunning)
            #expect(await shop.call([:], "f").throttleReason == "ConcurrentInvocationLimitExceeded")
            #expect(await busy.isSuccess)
        }
    }

    @Test func zeroConcurrencyThrottlesAll() async throws {
        try await Workshop([Workshop.function(concurrency: 0)]).use { shop in
            let outcome = await shop.call([:])
            #expect(outcome.throttleReason == "ReservedFunctionConcurrentInvocationLimitExceeded")
        }
    }

    @Test func idleEnvironmentsEnd() async throws {
        try await Workshop { $0.idleTimeoutMs = 1_000 }.use { shop in
            let first = await shop.call([:]).json
            #expect(first["count"] == 1)
            #expect(await eventually { process(first) == 0 })
            let next = await shop.call([:])
            #expect(next.json["count"] == 1)
        }
    }

    @Test func outOfOrderCallsAreRefusedInAWSsWords() async throws {
        try await Workshop([Workshop.function(concurrency: 1)]).use { shop in
            let outcome = await shop.call(["do": "out of order"], options: .init(wantsLogTail: true))
            let line = outcome.log.split(separator: "\n").first { $0.hasPrefix("[") }
            let answers = try JSONValue.parse(String(line ?? "null"))
            #expect(
                answers[0] == [400, #"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#])
            #expect(
                answers[1] == [
                    403,
                    #"{"errorMessage":"State transition from Running to InitError failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}"#,
                ])
            #expect(answers[2] == [200, "pong"])
            #expect(answers[3]?[0] == 404)
            #expect(answers[4] == true)
            #expect(
                answers[5] == [
                    400,
                    #"{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}"#,
                ])
            #expect(outcome.json["errorType"] == "Runtime.InvalidResponseModeHeader")
            #expect(await shop.call([:]).json["count"] == 2)
        }
    }

    @Test func onlyTheFirstAnswerCounts() async throws {
        try await Workshop().use { shop in
            let outcome = await shop.call(["do": "answer twice"], options: .init(wantsLogTail: true))
            #expect(outcome.text == #""first""#)
            let line = outcome.log.split(separator: "\n").first { $0.hasPrefix("[") }
            let second = try JSONValue.parse(String(line ?? "null"))
            #expect(
                second == [
                    403,
                    #"{"errorMessage":"State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}"#,
                ])
        }
    }

    @Test func workAfterTheAnswerDelaysTheNextCallOnly() async throws {
        try await Workshop([Workshop.function(timeout: 20_000, concurrency: 1)]).use { shop in
            _ = await shop.call([:])
            let started = Date()
            let first = await shop.call(["do": "answer then work", "seconds": 3])
            #expect(first.text == #""answered""#)
            #expect(Date().timeIntervalSince(started) < 3)
            let second = await shop.call([:])
            #expect(second.json["count"] == 3)
            #expect(Date().timeIntervalSince(started) >= 3)
        }
    }
}
