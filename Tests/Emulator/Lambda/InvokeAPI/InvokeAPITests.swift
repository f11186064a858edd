import AWSProtocol
import Bytes
import Clock
import Foundation
import HTTPTypes
import JSON
import Lambda
import Net
import Testing
import Waiting

/// The Invoke API as the AWS endpoint calls it, without the endpoint's signature check.
@Suite struct InvokeAPITests {
    private let requestID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    @EventLoop private func send(
        _ shop: Workshop, _ method: String, _ target: String, _ headers: HTTPHeaders = [:],
        _ body: String = ""
    ) async -> HTTPResponse {
        let context = AWSContext(
            requestID: requestID, region: "eu-north-1", accountID: "123456789012",
            now: Timestamp(milliseconds: 1_700_000_000_000), identity: .signed(accessKeyID: "AK"))
        return await shop.service.restService.handle(
            HTTPRequest(method: method, target: target, headers: headers, body: .bytes(body.bytes)), context)
    }

    private func text(_ response: HTTPResponse) -> String { String(utf8: response.body.bytes ?? []) }
    private func json(_ response: HTTPResponse) throws -> JSONValue {
        try JSONValue.parse(response.body.bytes ?? [])
    }

    @Test func requestResponse() async throws {
        try await Workshop().use { shop in
            let response = await send(
                shop, "POST", "/2015-03-31/functions/f/invocations", [:], #"{"a": 1}"#)
            #expect(response.status == 200)
            let answer = try json(response)
            #expect(answer["event"] == ["a": 1])
            #expect(response.headers["Content-Type"] == "application/json")
            #expect(response.headers["X-Amz-Executed-Version"] == "$LATEST")
            #expect(response.headers["x-amzn-RequestId"] == requestID)
            #expect(response.headers["X-Amzn-Remapped-Content-Length"] == "0")
            #expect(response.headers["X-Amzn-Trace-Id"]?.hasPrefix("Root=1-6553f100-") == true)
            #expect(response.headers["X-Amz-Function-Error"] == nil)
            #expect(response.headers["X-Amz-Log-Result"] == nil)
        }
    }

    @Test func functionErrorIsStill200() async throws {
        try await Workshop().use { shop in
            let response = await send(
                shop, "POST", "/2015-03-31/functions/f/invocations", ["X-Amz-Log-Type": "Tail"],
                #"{"do":"error"}"#)
            #expect(response.status == 200)
            #expect(response.headers["X-Amz-Function-Error"] == "Unhandled")
            #expect(text(response) == #"{"errorMessage":"bad","errorType":"MyError"}"#)
            let log = String(utf8: Base64.decode(response.headers["X-Amz-Log-Result"] ?? "") ?? [])
            #expect(log.hasPrefix("START RequestId: \(requestID) Version: $LATEST\nEND RequestId: "))
        }
    }

    @Test func contextQualifierAndTrace() async throws {
        try await Workshop().use { shop in
            let response = await send(
                shop, "POST",
                "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-north-1%3A123456789012%3Afunction%3Af/"
                    + "invocations?Qualifier=%24LATEST",
                [
                    "X-Amz-Client-Context": Base64.encode(#"{ "custom": {"k": "v"} }"#.bytes),
                    "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
                ], #"{"do":"headers"}"#)
            let seen = try json(response)
            #expect(seen["lambda-runtime-client-context"] == #"{"custom":{"k":"v"}}"#)
            #expect(seen["lambda-runtime-aws-request-id"] == .string(requestID))
            #expect(seen["lambda-runtime-trace-id"] == "Root=1-5759e988-bd862e3fe1be46a994272793")
            #expect(
                seen["lambda-runtime-invoked-function-arn"]
                    == "arn:aws:lambda:eu-north-1:123456789012:function:f:$LATEST")
        }
    }

    @Test func dryRunStartsNothing() async throws {
        try await Workshop().use { shop in
            let response = await send(
                shop, "POST", "/2015-03-31/functions/f/invocations",
                ["X-Amz-Invocation-Type": "DryRun"], "{}")
            #expect(response.status == 204)
            #expect(response.body.length == 0)
            #expect(!FileManager.default.fileExists(atPath: shop.folder + "/tmp"))
        }
    }

    @Test func eventsRunInTheBackgroundAndAreRetried() async throws {
        try await Workshop { $0.asyncRetryDelaysMs = [10, 10] }.use { shop in
            let response = await send(
                shop, "POST", "/2015-03-31/functions/f/invocations",
                ["X-Amz-Invocation-Type": "Event"], #"{"do":"error"}"#)
            #expect(response.status == 202)
            #expect(response.body.length == 0)
            #expect(response.headers["X-Amz-Executed-Version"] == nil)
            let isTried = try await eventually {
                try await shop.log().components(separatedBy: "START RequestId: \(requestID) ").count == 4
            }
            #expect(isTried)
        }
    }

    @Test func throttled() async throws {
        try await Workshop([Workshop.function(concurrency: 0)]).use { shop in
            let response = await send(shop, "POST", "/2015-03-31/functions/f/invocations", [:], "{}")
            #expect(response.status == 429)
            #expect(response.headers["x-amzn-ErrorType"] == "TooManyRequestsException")
            #expect(
                text(response)
                    == #"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
            )
        }
    }

    struct Refusal {
        var target = "/2015-03-31/functions/f/invocations"
        var method = "POST"
        var headers: HTTPHeaders = [:]
        var body = "{}"
        var status: Int
        var type: String
        var text: String
    }

    static let arn = "arn:aws:lambda:eu-north-1:123456789012:function"
    static let refusals: [Refusal] = [
        Refusal(
            target: "/2015-03-31/functions/nobody/invocations", status: 404,
            type: "ResourceNotFoundException",
            text: #"{"Type":"User","Message":"Function not found: \#(arn):nobody"}"#),
        Refusal(
            target: "/2015-03-31/functions/f/invocations?Qualifier=live", status: 404,
            type: "ResourceNotFoundException",
            text: #"{"Type":"User","Message":"Function not found: \#(arn):f:live"}"#),
        Refusal(
            target: "/2015-03-31/functions/f%3A1", method: "GET", status: 404,
            type: "ResourceNotFoundException",
            text: #"{"Type":"User","Message":"Function not found: \#(arn):f:1"}"#),
        Refusal(
            target: "/2015-03-31/functions/f%3A1/invocations?Qualifier=2", status: 400,
            type: "InvalidParameterValueException",
            text:
                #"{"Type":"User","message":"The derived qualifier from the function name does not match the specified qualifier."}"#
        ),
        Refusal(
            target: "/2015-03-31/functions/a%20b/invocations", status: 400, type: "ValidationException",
            text:
                #"{"message":"1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\\\d{1}:)?(\\\\d{12}:)?(function:)?([a-zA-Z0-9-_\\\\.]+)(:(\\\\$LATEST|[a-zA-Z0-9-_]+))?"}"#
        ),
        Refusal(
            headers: ["X-Amz-Invocation-Type": "Later"], status: 400, type: "ValidationException",
            text:
                #"{"message":"1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"}"#
        ),
        Refusal(
            body: "hello", status: 400, type: "InvalidRequestContentException",
            text:
                #"{"Type":"User","message":"Could not parse request body into json: Could not parse payload into json: Unexpected character ('h' (code 104)): "#
        ),
        Refusal(
            headers: ["X-Amz-Invocation-Type": "Event"], body: "[1,", status: 400,
            type: "InvalidRequestContentException",
            text:
                #"{"Type":"User","message":"Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input"#
        ),
        Refusal(
            headers: ["X-Amz-Client-Context": "{}"], status: 400, type: "InvalidRequestContentException",
            text: #"{"Type":"User","message":"Client context must be a valid Base64-encoded JSON object."}"#),
        Refusal(
            body: String(repeating: " ", count: 6_291_457), status: 413,
            type: "RequestEntityTooLargeException",
            text:
                #"{"Type":"User","message":"6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"}"#
        ),
        Refusal(
            headers: ["X-Amz-Invocation-Type": "Event"], body: String(repeating: " ", count: 1_048_577),
            status: 413, type: "RequestEntityTooLargeException",
            text:
                #"{"Type":"User","message":"1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"}"#
        ),
        Refusal(
            target: "/2015-03-31/functions/f", method: "PATCH", status: 404,
            type: "UnknownOperationException", text: #"{"message":"This operation of the Lambda API"#),
    ]

    @Test func refusals() async throws {
        try await Workshop().use { shop in
            for refusal in Self.refusals {
                let response = await send(
                    shop, refusal.method, refusal.target, refusal.headers, refusal.body)
                #expect(response.status == refusal.status, "\(refusal.target)")
                #expect(response.headers["x-amzn-ErrorType"] == refusal.type)
                let text = text(response)
                #expect(refusal.text.hasSuffix("}") ? text == refusal.text : text.hasPrefix(refusal.text))
            }
        }
    }

    @Test func describesFunctions() async throws {
        let functions = ["b", "a", "c"].map { Workshop.function($0, environment: ["K": "V"]) }
        try await Workshop(functions).use { shop in
            let one = try json(await send(shop, "GET", "/2015-03-31/functions/a"))
            let configuration = try #require(one["Configuration"])
            #expect(configuration["FunctionArn"] == "arn:aws:lambda:eu-north-1:123456789012:function:a")
            #expect(configuration["Runtime"] == "provided.al2023")
            #expect(configuration["Timeout"] == 5)
            #expect(configuration["MemorySize"] == 256)
            #expect(configuration["State"] == "Active")
            #expect(configuration["Environment"] == ["Variables": ["K": "V"]])
            #expect(configuration["CodeSize"]?.int == Workshop.bootstrap.utf8.count)
            #expect(Base64.decode(configuration["CodeSha256"]?.string ?? "")?.count == 32)
            #expect(
                configuration["LastModified"]?.string?
                    .wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000/) != nil)
            #expect(one["Concurrency"] == ["ReservedConcurrentExecutions": 5])

            let same = try json(await send(shop, "GET", "/2015-03-31/functions/a/configuration"))
            #expect(same == configuration)

            let page = try json(await send(shop, "GET", "/2015-03-31/functions/?MaxItems=2"))
            #expect(page["Functions"]?.array?.compactMap { $0["FunctionName"]?.string } == ["a", "b"])
            let rest = try json(
                await send(
                    shop, "GET", "/2015-03-31/functions?Marker=\(page["NextMarker"]?.string ?? "")"))
            #expect(rest["Functions"]?.array?.compactMap { $0["FunctionName"]?.string } == ["c"])
            #expect(rest["NextMarker"] == nil)
        }
    }
}
