import Bytes
import Digests
import HTTPTypes
import JSON
import Signing
import Testing

@testable import AWSProtocol

/// Finding the service, and the JSON protocol around an operation.
@Suite struct AWSEndpointTests {
    private let bench = ProtocolBench()

    @Test func findsTheServiceByScopeHostAndPath() async {
        #expect(await bench.send(ProtocolBench.objects()).text == "s3")
        let byPath = HTTPRequest(target: "/2015-03-31/functions", headers: ["Host": "localhost"])
        #expect(await bench.send(byPath).status == 403)
        let byHost = HTTPRequest(target: "/", headers: ["Host": "lambda.us-east-1.amazonaws.com"])
        #expect(await bench.send(byHost).status == 403)
        // The bucket is called lambda, the service is S3.
        let bucket = HTTPRequest(target: "/k", headers: ["Host": "lambda.s3.us-east-1.amazonaws.com"])
        #expect(await bench.send(bucket).text == "s3")
        let otherwise = HTTPRequest(target: "/bucket/key", headers: ["Host": "localhost"])
        #expect(await bench.send(otherwise).text == "s3")
    }

    @Test func answersHealth() async {
        let response = await bench.send(HTTPRequest(target: "/", headers: ["Host": "localhost:4566"]))
        #expect(response.status == 200)
        #expect(response.text == "healthy: dynamodb.us-east-1.amazonaws.com ")
    }

    @Test func unknownForms() async {
        var request = ProtocolBench.tables()
        request.headers["Content-Type"] = "text/plain"
        var response = await bench.send(request)
        #expect(response.status == 404)
        #expect(response.text == "<UnknownOperationException/>\n")
        request = ProtocolBench.tables()
        request.method = "PUT"
        response = await bench.send(request)
        #expect(response.status == 404)
    }

    @Test func jsonAnswersCarryIdentifierAndChecksum() async {
        let response = await bench.send(ProtocolBench.tables(body: #"{"k":"v"}"#))
        #expect(response.headers["Content-Type"] == "application/x-amz-json-1.0")
        #expect(response.headers["x-amz-crc32"] == String(CRC32.checksum(#"{"k":"v"}"#.bytes)))
        let id = response.headers["x-amzn-RequestId"] ?? ""
        #expect(id.utf8.count == 52)
        #expect(id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        let next = await bench.send(ProtocolBench.tables())
        #expect(next.headers["x-amzn-RequestId"] != id)
    }

    @Test func jsonErrors() async {
        var response = await bench.send(ProtocolBench.tables("Fail"))
        #expect(response.status == 400)
        #expect(
            response.text == #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","#
                + #""message":"Requested resource not found"}"#)
        response = await bench.send(ProtocolBench.tables("Cancel"))
        #expect(
            response.text == #"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","#
                + #""Message":"cancelled","CancellationReasons":[{"Code":"None"}]}"#)
        response = await bench.send(ProtocolBench.tables("Nothing"))
        #expect(response.text == #"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#)
        for body in ["", "{", "[]", "7"] {
            response = await bench.send(ProtocolBench.tables(body: body))
            #expect(response.status == 400)
            #expect(response.text == #"{"__type":"com.amazon.coral.service#SerializationException"}"#)
        }
    }

    @Test func theSignatureIsJudgedBeforeTheBody() async {
        var request = ProtocolBench.tables("Nothing", body: "{")
        request.headers.remove("Authorization")
        #expect(await bench.send(request).text.contains("MissingAuthenticationTokenException"))
    }

    @Test func oversizedBody() async {
        var request = ProtocolBench.tables()
        request.body = .bytes([UInt8](repeating: 0x20, count: (16 << 20) + 1))
        let response = await bench.send(request)
        #expect(response.status == 413)
        #expect(response.text.isEmpty)
    }
}
