import AWSClients
import Bytes
import Digests
import HTTPClient
import HTTPTypes
import JSON
import Testing

@Suite struct DynamoDBClientTests {
    private let delays = Delays()

    private func client(_ http: FakeTransport, session: Bool = false) -> DynamoDBClient {
        DynamoDBClient(
            Sample.configuration(session: session), http: http, clock: Sample.clock, retry: delays.policy)
    }

    private func failure(
        _ operation: String = "PutItem", _ input: JSONObject = [:], _ http: FakeTransport
    ) -> AWSServiceError? {
        do {
            _ = try client(http).call(operation, input)
            Issue.record("no error")
            return nil
        } catch {
            return error
        }
    }

    private func answer(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> FakeTransport.Answer {
        Self.reply(status, body, headers)
    }

    private static func reply(
        _ status: Int, _ body: String, _ headers: HTTPHeaders = [:]
    ) -> FakeTransport.Answer {
        .success(HTTPResponse(status: status, headers: headers, body: .bytes(body.bytes)))
    }

    /// The signature is botocore's for the same request.
    @Test func requestOnTheWire() throws {
        let http = FakeTransport(200, #"{"Item":{"PK":{"S":"a"}}}"#)
        let output = try client(http, session: true).call(
            "GetItem", ["TableName": "t", "Key": ["PK": Attribute.s("a")]])
        #expect(output == ["Item": ["PK": ["S": "a"]]])
        let request = try #require(http.requests.first)
        #expect(request.method == "POST" && request.target == "/")
        #expect(request.body.bytes == #"{"TableName":"t","Key":{"PK":{"S":"a"}}}"#.bytes)
        #expect(
            request.headers == [
                "Host": "127.0.0.1:4566", "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "DynamoDB_20120810.GetItem", "X-Amz-Date": "20260102T030405Z",
                "X-Amz-Security-Token": "TOKEN",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=22e42a6407d8fd5c52f885ddb9cfe773f7660563bad85c4f3805ae04041f86cc",
            ])
        #expect(http.places == [URLParts("http://127.0.0.1:4566")!])
    }

    @Test func errorsKeepNameMessageAndBody() throws {
        let body =
            #"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]}"#
        let error = try #require(failure("TransactWriteItems", [:], FakeTransport(400, body)))
        #expect(error.code == "TransactionCanceledException" && error.status == 400 && !error.retryable)
        #expect(error.message == "Transaction cancelled")
        #expect(error.body?["CancellationReasons"]?[1]?["Code"] == "ConditionalCheckFailed")
        let plain = failure(
            "GetItem", [:], FakeTransport(400, #"{"__type":"ValidationException","message":"m"}"#))
        #expect(plain?.code == "ValidationException" && plain?.message == "m")
        let notJSON = failure("GetItem", [:], FakeTransport(404, "<UnknownOperationException/>"))
        #expect(notJSON?.code == "UnknownError" && notJSON?.status == 404)
        #expect(delays.all.isEmpty)
    }

    @Test func throttlesAreRepeatedWithGrowingDelays() throws {
        let throttle = answer(
            400,
            #"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow"}"#
        )
        let http = FakeTransport([throttle, .failure(.closed), answer(500, "{}"), answer(200, "{}")])
        #expect(try client(http).call("GetItem", [:]) == [:])
        #expect(delays.all == [25, 50, 100])
    }

    private static let refused: [FakeTransport.Answer] = [
        .failure(.resolve("h")), .failure(.connect("h:1: refused")), .failure(.timeout(.connect)),
        .failure(.timeout(.handshake)), reply(429, "{}"),
        reply(400, #"{"__type":"x#ThrottlingException"}"#),
        reply(503, #"{"__type":"x#RequestLimitExceeded"}"#),
    ]

    /// The request was sent, and nothing tells what became of it.
    private static let unsure: [FakeTransport.Answer] = [
        .failure(.closed), .failure(.timeout(.read)), .failure(.timeout(.write)), reply(500, "{}"),
        reply(503, "{}"), reply(200, "{}", ["x-amz-crc32": "1"]),
        reply(400, #"{"__type":"x#RequestTimeout"}"#),
    ]

    @Test(arguments: refused) func whatWasSurelyNotAppliedIsRepeated(_ first: FakeTransport.Answer) throws {
        let http = FakeTransport([first, Self.reply(200, #"{"a":1}"#)])
        #expect(try client(http).call("UpdateItem", [:], repeatsWhenUnsure: false) == ["a": 1])
        #expect(http.requests.count == 2)
    }

    @Test(arguments: unsure) func whatMayHaveBeenAppliedIsRepeatedOnRequest(
        _ first: FakeTransport.Answer
    ) throws {
        let once = FakeTransport([first, Self.reply(200, "{}")])
        #expect {
            try client(once).call("UpdateItem", [:], repeatsWhenUnsure: false)
        } throws: {
            ($0 as? AWSServiceError)?.mayHaveBeenApplied == true
        }
        #expect(once.requests.count == 1 && delays.all.isEmpty)
        let twice = FakeTransport([first, Self.reply(200, "{}")])
        #expect(try client(twice).call("UpdateItem", [:]) == [:])
        #expect(twice.requests.count == 2)
    }

    @Test func answersThatCannotBeReadMayHaveBeenApplied() {
        #expect(failure("UpdateItem", [:], FakeTransport(200, "<"))?.mayHaveBeenApplied == true)
        let garbled = FakeTransport([.failure(.protocolViolation("malformed status line"))])
        #expect(failure("UpdateItem", [:], garbled)?.mayHaveBeenApplied == true)
        let refusal = FakeTransport(400, #"{"__type":"x#ValidationException"}"#)
        #expect(failure("UpdateItem", [:], refusal)?.mayHaveBeenApplied == false)
        let untrusted = FakeTransport([.failure(.tls("self-signed certificate"))])
        #expect(failure("UpdateItem", [:], untrusted)?.mayHaveBeenApplied == false)
    }

    @Test func attemptsAreLimited() {
        let http = FakeTransport(Array(repeating: answer(503, "{}"), count: 9))
        #expect(failure("GetItem", [:], http)?.status == 503)
        #expect(http.requests.count == 4)
    }

    @Test(arguments: [
        "ConditionalCheckFailedException", "ValidationException", "ResourceNotFoundException",
        "TransactionConflictException", "AccessDeniedException",
    ])
    func otherRefusalsAreFinal(_ code: String) {
        let http = FakeTransport(400, #"{"__type":"x#\#(code)","message":"m"}"#)
        #expect(failure("PutItem", [:], http)?.code == code)
        #expect(http.requests.count == 1)
    }

    @Test func transportFailures() {
        let down = FakeTransport(Array(repeating: .failure(.connect("h:1: refused")), count: 4))
        let error = failure("PutItem", [:], down)
        #expect(error?.code == "TransportError" && error?.status == 0)
        #expect(error?.message == "cannot connect to h:1: refused")
        let untrusted = FakeTransport([.failure(.tls("self-signed certificate"))])
        #expect(failure("PutItem", [:], untrusted)?.retryable == false)
        #expect(untrusted.requests.count == 1)
    }

    @Test func checksumIsVerified() throws {
        let body = #"{"Count":1}"#
        let right: HTTPHeaders = ["x-amz-crc32": String(CRC32.checksum(body.bytes))]
        let http = FakeTransport([answer(200, body, ["x-amz-crc32": "1"]), answer(200, body, right)])
        #expect(try client(http).call("Scan", [:]) == ["Count": 1])
        #expect(http.requests.count == 2)
    }

    @Test func repeatedTransactionKeepsItsToken() throws {
        let http = FakeTransport([answer(500, ""), answer(200, "{}")])
        _ = try client(http).call("TransactWriteItems", ["TransactItems": []])
        let tokens = try http.requests.map {
            try JSONValue.parse($0.body.bytes ?? [])["ClientRequestToken"]?.string
        }
        #expect(tokens.count == 2 && tokens[0]?.count == 36 && tokens[0] == tokens[1])
        let given = FakeTransport(200, "{}")
        _ = try client(given).call("TransactWriteItems", ["ClientRequestToken": "mine"])
        #expect(given.requests[0].body.bytes == #"{"ClientRequestToken":"mine"}"#.bytes)
    }

    @Test func attributes() {
        let value = Attribute.m(["l": Attribute.l([Attribute.n(-7), Attribute.bool(true), Attribute.null])])
        #expect(value.encodedString() == #"{"M":{"l":{"L":[{"N":"-7"},{"BOOL":true},{"NULL":true}]}}}"#)
        #expect(value.attributeM?["l"]?.attributeL?[0].attributeN == -7)
        #expect(Attribute.b([1, 2]).attributeB == [1, 2] && Attribute.ss(["a"]).attributeSS == ["a"])
        #expect(Attribute.s("x").attributeN == nil && Attribute.n(1).attributeS == nil)
    }
}

@Suite struct RetryPolicyTests {
    @Test func delaysStayWithinTheirBounds() {
        let policy = RetryPolicy(maxDelayMs: 300)
        for bound in [0, 25, 300] {
            for _ in 0..<200 { #expect((0...bound).contains(policy.random(bound))) }
        }
    }
}
