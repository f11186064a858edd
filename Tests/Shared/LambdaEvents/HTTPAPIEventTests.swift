import JSON
import LambdaEvents
import Testing

/// Facts: "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0.
@Suite struct HTTPAPIEventTests {
    static let full = """
        {"version":"2.0","routeKey":"GET /my/{path}","rawPath":"/my/path",\
        "rawQueryString":"a=1&a=2&b=%20","cookies":["c1","c2"],\
        "headers":{"header1":"value1","header2":"value1,value2"},\
        "queryStringParameters":{"a":"1,2","b":" "},\
        "requestContext":{"accountId":"123456789012","apiId":"api-id",\
        "authorizer":{"jwt":{"claims":{"claim1":"value1"},"scopes":null}},\
        "domainName":"id.execute-api.us-east-1.amazonaws.com","domainPrefix":"id",\
        "http":{"method":"POST","path":"/my/path","protocol":"HTTP/1.1","sourceIp":"192.0.2.1",\
        "userAgent":"agent"},"requestId":"JKJaXmPLvHcESHA=","routeKey":"GET /my/{path}",\
        "stage":"$default","time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1583348638390},\
        "body":"hello","pathParameters":{"path":"path"},"isBase64Encoded":false,\
        "stageVariables":{"s":"v"}}
        """

    @Test func roundTripKeepsEveryByte() throws {
        let event = try HTTPAPIEvent(json: JSONValue.parse(HTTPAPIEventTests.full))
        #expect(event.json().encodedString() == HTTPAPIEventTests.full)
    }

    @Test func everyFieldIsRead() throws {
        let event = try HTTPAPIEvent(json: JSONValue.parse(HTTPAPIEventTests.full))
        #expect(
            event
                == HTTPAPIEvent(
                    routeKey: "GET /my/{path}", rawPath: "/my/path", rawQueryString: "a=1&a=2&b=%20",
                    cookies: ["c1", "c2"], headers: ["header1": "value1", "header2": "value1,value2"],
                    queryStringParameters: ["a": "1,2", "b": " "],
                    requestContext: .init(
                        accountID: "123456789012", apiID: "api-id",
                        domainName: "id.execute-api.us-east-1.amazonaws.com", domainPrefix: "id",
                        requestID: "JKJaXmPLvHcESHA=", routeKey: "GET /my/{path}", stage: "$default",
                        time: "12/Mar/2020:19:03:58 +0000", timeEpoch: 1_583_348_638_390, method: "POST",
                        path: "/my/path", protocolName: "HTTP/1.1", sourceIP: "192.0.2.1",
                        userAgent: "agent",
                        authorizer: ["jwt": ["claims": ["claim1": "value1"], "scopes": nil]]),
                    body: "hello", pathParameters: ["path": "path"], isBase64Encoded: false,
                    stageVariables: ["s": "v"]))
        #expect(event.header("Header1") == "value1")
    }

    @Test func absentMembersAreLeftOut() throws {
        let keys = try #require(HTTPAPIEvent().json().object).keys
        #expect(
            keys == [
                "version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext",
                "isBase64Encoded",
            ])
    }

    @Test func nullMeansAbsent() throws {
        let json: JSONValue = [
            "rawPath": "/x", "cookies": nil, "queryStringParameters": nil, "pathParameters": nil,
            "stageVariables": nil, "body": nil, "requestContext": ["http": ["method": "GET"]],
        ]
        let event = try HTTPAPIEvent(json: json)
        #expect(event.requestContext.path == "/x")
        #expect(event.json()["cookies"] == nil)
        #expect(event.body == nil)
        #expect(try event.bodyBytes() == [])
    }

    @Test(arguments: [
        ("[]", "event", "must be an object, not an array"),
        (#"{"requestContext":{"http":{"method":"GET"}}}"#, "rawPath", "is missing"),
        (#"{"rawPath":"/"}"#, "requestContext", "is missing"),
        (#"{"rawPath":"/","requestContext":{}}"#, "requestContext.http", "is missing"),
        (
            #"{"rawPath":"/","requestContext":{"http":{"method":7}}}"#, "requestContext.http.method",
            "must be a string, not the number 7"
        ),
        (#"{"rawPath":"/","cookies":["a",1]}"#, "cookies[1]", "must be a string, not the number 1"),
        (#"{"rawPath":"/","headers":{"a":[]}}"#, "headers.a", "must be a string, not an array"),
        (#"{"rawPath":"/","headers":"a"}"#, "headers", "must be an object of strings, not a string"),
        (
            #"{"version":"1.0","path":"/"}"#, "version",
            "must be \"2.0\": other payload formats are not understood"
        ),
        (
            #"{"rawPath":"/","requestContext":{"http":{"method":"GET"},"timeEpoch":1.5}}"#,
            "requestContext.timeEpoch", "must be an integer, not the number 1.5"
        ),
        (
            #"{"rawPath":"/","requestContext":{"http":{"method":"GET"}},"isBase64Encoded":"true"}"#,
            "isBase64Encoded", "must be true or false, not a string"
        ),
    ])
    func errorsNameTheField(text: String, field: String, reason: String) throws {
        let json = try JSONValue.parse(text)
        #expect(throws: EventDecodingError(field: field, reason: reason)) { try HTTPAPIEvent(json: json) }
    }

    @Test func bodyBytes() throws {
        #expect(try HTTPAPIEvent(body: "ü").bodyBytes() == [0xC3, 0xBC])
        #expect(try HTTPAPIEvent(body: "AP8=", isBase64Encoded: true).bodyBytes() == [0, 0xFF])
        #expect(throws: EventDecodingError.self) {
            try HTTPAPIEvent(body: "AP8", isBase64Encoded: true).bodyBytes()
        }
    }
}
