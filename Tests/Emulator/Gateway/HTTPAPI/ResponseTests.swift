import HTTPTypes
import Testing

@testable import Gateway

/// "Lambda function response for format 2.0", HTTP API developer guide.
@Suite struct ResponseTests {
    private func decode(_ payload: String) -> (Int, [(String, String)], String)? {
        ResponseDecoder.response(from: Array(payload.utf8)).map { response in
            (
                response.status, response.headers.map { ($0.name, $0.value) },
                String(decoding: response.body.bytes ?? [], as: UTF8.self)
            )
        }
    }

    @Test(arguments: [
        (#"{"statusCode":201,"headers":{"X-A":"1"},"body":"hi"}"#, 201, "hi"),
        (#"{"statusCode":"404","body":"no"}"#, 404, "no"), (#"{"statusCode":200}"#, 200, ""),
        (#"{"statusCode":200,"body":null}"#, 200, ""),
        (#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200, "hi"),
        (#"{"statusCode":204,"body":"dropped"}"#, 204, ""),
        (#"{"statusCode":304,"body":"dropped"}"#, 304, ""),
        (#"{"message":"inferred"}"#, 200, #"{"message":"inferred"}"#), (#""text""#, 200, "text"),
        ("[1, 2]", 200, "[1,2]"), ("null", 200, "null"), ("42", 200, "42"),
    ])
    func accepts(_ payload: String, _ status: Int, _ body: String) throws {
        let answer = try #require(decode(payload))
        #expect(answer.0 == status)
        #expect(answer.2 == body)
    }

    @Test(arguments: [
        "not json", "", #"{"statusCode":"abc"}"#, #"{"statusCode":99}"#, #"{"statusCode":101,"body":"x"}"#,
        #"{"statusCode":600}"#,
        #"{"statusCode":200,"body":{"a":1}}"#, #"{"statusCode":200,"headers":[]}"#,
        #"{"statusCode":200,"headers":{"a":{"b":1}}}"#, #"{"statusCode":200,"headers":{"a b":"1"}}"#,
        "{\"statusCode\":200,\"headers\":{\"a\":\"1\\r\\nset-cookie: x=y\"}}",
        #"{"statusCode":200,"body":"%%%","isBase64Encoded":true}"#, #"{"statusCode":200,"cookies":[1]}"#,
    ])
    func refuses(_ payload: String) { #expect(decode(payload) == nil) }

    @Test func headersAndCookies() throws {
        let payload = #"""
            {"statusCode":200,"headers":{"Content-Type":"image/png","X-N":5,"X-B":true,"Connection":"close",
            "Content-Length":"9"},"cookies":["a=1; Path=/","b=2"],"multiValueHeaders":{"x":["ignored"]}}
            """#
        let answer = try #require(decode(payload))
        #expect(
            answer.1.map { "\($0.0): \($0.1)" } == [
                "content-type: image/png", "x-n: 5", "x-b: true", "set-cookie: a=1; Path=/",
                "set-cookie: b=2",
            ])
    }

    /// Of members with the same name the last one counts, also where the answer is read without a tree.
    @Test func lastOfSeveralCounts() throws {
        let payload =
            #"{"statusCode":500,"headers":{"a":"1"},"body":"x","headers":{"b":"1","b":"2"},"#
            + #""statusCode":200,"body":"y"}"#
        let answer = try #require(decode(payload))
        #expect(answer.0 == 200)
        #expect(answer.1.map { "\($0.0): \($0.1)" } == ["b: 2", "content-type: text/plain;charset=UTF-8"])
        #expect(answer.2 == "y")
    }

    @Test func contentTypeDefaults() throws {
        #expect(try #require(decode(#"{"statusCode":200}"#)).1.first?.1 == "text/plain;charset=UTF-8")
        #expect(try #require(decode("{}")).1.first?.1 == "application/json")
    }
}
