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

    /// Texts of every kind: what is read without a tree has to be what the tree gives, or the same error.
    @Test(arguments: [
        full, "{}", "[]", "", "null", #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}}}"#,
        #"{"requestContext":{"http":{"method":"GET"},"accountId":"1"},"rawPath":"/x","routeKey":"GET /x"}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"},"routeKey":"k","authentication":null,"timeEpoch":1}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"requestContext":{"http":{"method":"PUT"}}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"path":"/a"},"http":{"method":"PUT"}}}"#,
        #"{"rawPath":"/x","rawPath":"/y","requestContext":{"http":{"method":"GET","method":"PUT"}}}"#,
        #"{"rawPath":"","requestContext":{"http":{"method":"GET"}}}"#,
        #"{"rawPath":null,"requestContext":{"http":{"method":"GET"}}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"},"timeEpoch":null,"authorizer":null}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"},"timeEpoch":"1"}}"#,
        #"{"version":"1.0","rawPath":"/x","requestContext":{"http":{"method":"GET"}}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"headers":{"a":"1","b":null}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"headers":{"é":"1","a\u0062":"2"}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"headers":{"a":"1","a":"2"}}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"cookies":["a",1]}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"cookies":["a"],"isBase64Encoded":null}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"isBase64Encoded":"yes"}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"body":"a\nb","new":[{"a":1}]}"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},"body":null} x"#,
        #"{"rawPath":"/x","requestContext":{"http":{"method":"GET"}},}"#,
    ])
    func bytesAreReadAsTheTreeIs(_ text: String) {
        func outcome(_ read: () throws -> HTTPAPIEvent) -> Result<HTTPAPIEvent, Failure> {
            Result { try read() }.mapError { Failure(text: "\($0)") }
        }
        #expect(
            outcome { try HTTPAPIEvent(Array(text.utf8)) }
                == outcome { try HTTPAPIEvent(json: JSONValue.parse(text)) })
    }

    private struct Failure: Error, Equatable {
        let text: String
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
