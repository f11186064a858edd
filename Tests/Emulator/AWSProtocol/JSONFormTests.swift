import Bytes
import Clock
import Digests
import HTTPTypes
import JSON
import Signing
import Testing

@testable import AWSProtocol

/// Which JSON service a request is for, and what is answered before any operation.
@Suite struct JSONFormTests {
    /// Two services with one signing name, as DynamoDB and its streams.
    private func endpoint() -> AWSEndpoint {
        func service(_ prefix: String, _ health: String?) -> JSONService {
            JSONService(
                targetPrefix: prefix, signingName: "dynamodb", healthText: health, knows: { $0 == "Who" },
                namespace: { _ in "ns" },
                handle: { _, _, _ async throws(AWSError) -> JSONValue in ["service": .string(prefix)] })
        }
        let objects = RESTService(
            signingName: "s3", style: .s3, matches: { _ in true },
            handle: { _, _ in HTTPResponse(status: 200, body: .bytes("s3".bytes)) },
            encodeError: { RESTXMLError.response(for: $0, request: $1, context: $2) })
        return AWSEndpoint(
            configuration: .init(
                region: "us-east-1", accountID: "000000000000", credentials: [ProtocolBench.key]),
            jsonServices: [
                service("DynamoDB_20120810", "healthy"), service("DynamoDBStreams_20120810", nil),
            ],
            restServices: [objects], clock: ManualClock(ProtocolBench.now))
    }

    private func ask(_ target: String, host: String = "localhost:4566") async -> String {
        var request = HTTPRequest(
            method: "POST", target: "/",
            headers: [
                "Host": host, "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0",
            ], body: .bytes("{}".bytes))
        SigV4Signer(
            credentials: ProtocolBench.key, region: "us-east-1", service: "dynamodb", style: .standard
        )
        .sign(&request, payload: .bytes("{}".bytes), at: ProtocolBench.now)
        return String(utf8: (await endpoint().respond(to: request)).body.bytes ?? [])
    }

    @Test func targetsTellServicesOfOneSigningNameApart() async {
        #expect(await ask("DynamoDB_20120810.Who") == #"{"service":"DynamoDB_20120810"}"#)
        #expect(await ask("DynamoDBStreams_20120810.Who") == #"{"service":"DynamoDBStreams_20120810"}"#)
        let host = "streams.dynamodb.us-east-1.amazonaws.com"
        #expect(
            await ask("DynamoDBStreams_20120810.Who", host: host)
                == #"{"service":"DynamoDBStreams_20120810"}"#)
        #expect(await ask("Other_1.Who").contains("UnknownOperationException"))
    }

    @Test func unsignedPostsWithATargetAreNoS3() async {
        for headers: HTTPHeaders in [
            ["Host": "localhost", "X-Amz-Target": "Other.Who", "Content-Type": "application/json"],
            ["Host": "localhost", "Content-Type": "application/x-amz-json-1.0"],
        ] {
            let response = await endpoint().respond(
                to: HTTPRequest(method: "POST", target: "/", headers: headers, body: .bytes("{}".bytes)))
            #expect(String(utf8: response.body.bytes ?? []).contains("MissingAuthenticationTokenException"))
        }
    }

    /// A bucket's host makes the root its own.
    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS"])
    func theBareRootIsTheTablesUnlessAHostNamesABucket(_ method: String) async {
        func answer(_ host: String, _ target: String = "/") async -> String {
            let request = HTTPRequest(method: method, target: target, headers: ["Host": host])
            return String(utf8: await endpoint().respond(to: request).body.bytes ?? [])
        }
        for host in ["localhost:4566", "127.0.0.1:4566", "emulator:4566", "dynamodb.us-east-1.amazonaws.com"]
        {
            #expect(await answer(host) == "<UnknownOperationException/>\n", "\(host)")
        }
        for host in ["b.localhost:4566", "b.s3.localhost:4566", "s3.localhost:4566", "s3.amazonaws.com"] {
            #expect(await answer(host) == "s3", "\(host)")
        }
        for target in ["/bucket", "/bucket/", "/?delete", "//"] {
            #expect(await answer("localhost:4566", target) == "s3", "\(target)")
        }
    }

    @Test func signedForS3TheBareRootIsS3s() async {
        var request = HTTPRequest(method: "PUT", target: "/", headers: ["Host": "localhost:4566"])
        SigV4Signer(credentials: ProtocolBench.key, region: "us-east-1", service: "s3", style: .s3)
            .sign(&request, payload: .bytes([]), at: ProtocolBench.now)
        #expect(await endpoint().respond(to: request).body.bytes == "s3".bytes)
    }

    @Test func plainAnswersCarryAChecksum() async {
        let bench = ProtocolBench()
        var request = ProtocolBench.tables()
        request.method = "DELETE"
        #expect(await bench.send(request).headers["x-amz-crc32"] == "3552371480")
    }

    @Test func longHeadsAreRefused() async {
        let bench = ProtocolBench()
        var request = ProtocolBench.tables()
        request.headers.add("X-Long", String(repeating: "a", count: 15_000))
        #expect(await bench.send(request).status == 200)
        request.headers.add("X-More", String(repeating: "a", count: 2_000))
        #expect(await bench.send(request).status == 400)
    }

    @Test func browsersMayAskAndRead() async {
        let bench = ProtocolBench()
        var request = HTTPRequest(
            method: "OPTIONS", target: "/",
            headers: [
                "Host": "localhost", "Origin": "http://page", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-amz-target, authorization",
            ])
        var response = await bench.send(request)
        #expect(response.status == 200)
        #expect(response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(response.headers["Access-Control-Allow-Headers"] == "x-amz-target, authorization")
        #expect(response.headers["Access-Control-Allow-Methods"] == "POST")
        request = ProtocolBench.tables()
        request.headers.add("Origin", "http://page")
        response = await bench.send(request)
        #expect(response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(await bench.send(ProtocolBench.tables()).headers["Access-Control-Allow-Origin"] == nil)
    }
}
