import HTTPTypes
import JSON
import LambdaEvents
import Testing

/// Facts: "Create AWS Lambda proxy integrations for HTTP APIs", Lambda function response, format 2.0.
@Suite struct HTTPAPIResponseTests {
    @Test func json() {
        let response = HTTPAPIResponse(
            statusCode: 201,
            headers: ["Content-Type": "text/plain", "X-A": "1", "x-a": "2", "Set-Cookie": "b=2"],
            cookies: ["a=1"], body: "hi")
        #expect(
            response.json().encodedString()
                == #"{"statusCode":201,"headers":{"content-type":"text/plain","x-a":"1,2"},"#
                + #""cookies":["a=1","b=2"],"body":"hi","isBase64Encoded":false}"#)
    }

    @Test func bytesAreBase64() throws {
        let response = HTTPAPIResponse(bytes: [0, 0xFF])
        #expect(response.isBase64Encoded)
        #expect(response.body == "AP8=")
        #expect(try response.bodyBytes() == [0, 0xFF])
    }

    @Test func proxyResponseIsRead() throws {
        let json = try JSONValue.parse(
            #"{"statusCode":"404","headers":{"A":"x","N":5,"B":true,"Z":null},"cookies":["c=1","d=2"],"#
                + #""body":"AA==","isBase64Encoded":true,"multiValueHeaders":{"m":["1"]},"other":1}"#)
        #expect(
            try HTTPAPIResponse(json: json)
                == HTTPAPIResponse(
                    statusCode: 404, headers: ["A": "x", "N": "5", "B": "true"], cookies: ["c=1", "d=2"],
                    body: "AA==", isBase64Encoded: true))
    }

    @Test func nullMembersAreAbsent() throws {
        let json: JSONValue = [
            "statusCode": 204, "headers": nil, "cookies": nil, "body": nil, "isBase64Encoded": nil,
        ]
        #expect(try HTTPAPIResponse(json: json) == HTTPAPIResponse(statusCode: 204))
    }

    @Test(arguments: [
        (#"{"message":"hi","n":1.50}"#, #"{"message":"hi","n":1.50}"#),
        (#""plain text""#, "plain text"), ("[1,2]", "[1,2]"), ("42", "42"), ("true", "true"),
        ("null", "null"), (#"{"statusCode":null}"#, #"{"statusCode":null}"#),
        (#"{"headers":{},"body":"x"}"#, #"{"headers":{},"body":"x"}"#),
    ])
    func anyOtherJSONIsTheBody(result: String, body: String) throws {
        #expect(
            try HTTPAPIResponse(json: JSONValue.parse(result))
                == HTTPAPIResponse(
                    statusCode: 200, headers: ["content-type": "application/json"], body: body))
    }

    @Test(arguments: [
        (#"{"statusCode":"ok"}"#, "statusCode"), (#"{"statusCode":99}"#, "statusCode"),
        (#"{"statusCode":600}"#, "statusCode"), (#"{"statusCode":true}"#, "statusCode"),
        (#"{"statusCode":200.5}"#, "statusCode"),
        (#"{"statusCode":200,"body":{"a":1}}"#, "body"), (#"{"statusCode":200,"headers":[]}"#, "headers"),
        (#"{"statusCode":200,"headers":{"a":["b"]}}"#, "headers.a"),
        (#"{"statusCode":200,"cookies":"a=1"}"#, "cookies"),
        (#"{"statusCode":200,"cookies":[1]}"#, "cookies[0]"),
        (#"{"statusCode":200,"isBase64Encoded":1}"#, "isBase64Encoded"),
    ])
    func wrongShapeIsAnError(result: String, field: String) throws {
        let json = try JSONValue.parse(result)
        let error = #expect(throws: EventDecodingError.self) { try HTTPAPIResponse(json: json) }
        #expect(error?.field == field)
    }

    @Test func brokenBase64IsAnError() throws {
        let response = try HTTPAPIResponse(
            json: ["statusCode": 200, "body": "not base64!", "isBase64Encoded": true])
        #expect(throws: EventDecodingError.self) { try response.bodyBytes() }
    }
}
