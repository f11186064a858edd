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

    @Test(arguments: [
        HTTPAPIResponse(), HTTPAPIResponse(statusCode: 204, cookies: ["a=1"], body: ""),
        HTTPAPIResponse(headers: ["content-type": "text/plain", "x-a": "\"é\n"], body: "{\"a\":1}"),
        HTTPAPIResponse(headers: ["x-a": "1", "x-a": "2"], body: "b"),
        HTTPAPIResponse(headers: ["Content-Type": "text/plain", "set-cookie": "b=2"], bytes: [0, 0xFF]),
    ])
    func textIsThatOfTheTree(_ response: HTTPAPIResponse) {
        #expect(response.encoded() == response.json().encoded())
    }

    @Test func bytesAreBase64() throws {
        let response = HTTPAPIResponse(bytes: [0, 0xFF])
        #expect(response.isBase64Encoded)
        #expect(response.body == "AP8=")
        #expect(try response.bodyBytes() == [0, 0xFF])
    }

    @Test func brokenBase64IsAnError() throws {
        let response = HTTPAPIResponse(body: "not base64!", isBase64Encoded: true)
        #expect(throws: EventDecodingError.self) { try response.bodyBytes() }
    }
}
