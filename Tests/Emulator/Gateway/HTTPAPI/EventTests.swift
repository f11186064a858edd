import Clock
import HTTPTypes
import JSON
import LambdaEvents
import Testing

@testable import Gateway

/// The event, field by field: "Payload format 2.0", HTTP API developer guide.
@Suite struct EventTests {
    private let now = Timestamp(milliseconds: 1_584_040_743_058)

    private func event(
        _ method: String = "GET", _ target: String, headers: HTTPHeaders = ["Host": "api.example.com"],
        body: [UInt8] = [], route: String = "$default", parameters: [String: String] = [:]
    ) throws -> JSONValue {
        let encoder = EventEncoder(
            configuration: HTTPAPIConfiguration(
                apiID: "abc1234567", accountID: "123456789012", region: "us-east-1", routes: []))
        let bytes = encoder.encode(
            HTTPRequest(
                method: method, target: target, headers: headers, body: .bytes(body), peerAddress: "192.0.2.1"
            ),
            body: body,
            match: RouteMatch(route: HTTPAPIRoute(key: route, function: "f"), pathParameters: parameters),
            requestID: "JKJaXmPLvHcESHA=", traceID: "Root=1-5e6a8e3f-0123456789abcdef01234567", now: now,
            stage: Stage(HTTPAPIStage(), routes: []))
        return try JSONValue.parse(bytes)
    }

    @Test func wholeEventInAWSsOrder() throws {
        let event = try event(
            "POST", "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
            headers: [
                "Host": "api.example.com", "User-Agent": "agent", "Content-Type": "application/json",
                "Cookie": "cookie1=a; cookie2=b", "Header2": "one", "header2": "two",
            ],
            body: Array("{\"a\":1}".utf8), route: "POST /my/{p}", parameters: ["p": "path"])
        let expected: JSONValue = [
            "version": "2.0", "routeKey": "POST /my/{p}", "rawPath": "/my/path",
            "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
            "cookies": ["cookie1=a", "cookie2=b"],
            "headers": [
                "host": "api.example.com", "user-agent": "agent", "content-type": "application/json",
                "header2": "one,two", "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "80",
                "x-forwarded-proto": "http", "x-amzn-trace-id": "Root=1-5e6a8e3f-0123456789abcdef01234567",
            ],
            "queryStringParameters": ["parameter1": "value1,value2", "parameter2": "value"],
            "requestContext": [
                "accountId": "123456789012", "apiId": "abc1234567", "domainName": "api.example.com",
                "domainPrefix": "api",
                "http": [
                    "method": "POST", "path": "/my/path", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                    "userAgent": "agent",
                ],
                "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /my/{p}", "stage": "$default",
                "time": "12/Mar/2020:19:19:03 +0000", "timeEpoch": 1_584_040_743_058,
            ],
            "body": "{\"a\":1}", "pathParameters": ["p": "path"], "isBase64Encoded": false,
        ]
        #expect(event == expected)
        #expect(
            event.object?.keys == [
                "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers",
                "queryStringParameters",
                "requestContext", "body", "pathParameters", "isBase64Encoded",
            ])
        let decoded = try HTTPAPIEvent(json: event)
        #expect(decoded.requestContext.requestID == "JKJaXmPLvHcESHA=")
        #expect(decoded.cookies == ["cookie1=a", "cookie2=b"])
    }

    @Test func absentDataIsLeftOut() throws {
        let event = try event("/")
        for key in ["cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"] {
            #expect(event[key] == nil, "\(key)")
        }
        #expect(event["isBase64Encoded"] == false)
        #expect(event["rawQueryString"] == "")
    }

    private func event(_ target: String) throws -> JSONValue { try event("GET", target) }

    @Test(arguments: [
        ("text/plain", false), ("text/csv; charset=utf-8", false), ("application/json", false),
        ("application/xml", false), ("application/javascript", false),
        ("Application/JSON; charset=utf-8", false),
        ("application/x-www-form-urlencoded", true), ("multipart/form-data; boundary=x", true),
        ("application/octet-stream", true), ("audio/wav", true), (nil, true),
    ])
    func bodyIsTextOnlyForTextTypes(_ type: String?, _ isBase64: Bool) throws {
        var headers: HTTPHeaders = ["Host": "h"]
        headers["Content-Type"] = type
        let event = try event("POST", "/", headers: headers, body: Array("a=b".utf8))
        #expect(event["isBase64Encoded"] == .bool(isBase64))
        #expect(event["body"] == .string(isBase64 ? "YT1i" : "a=b"))
    }

    @Test func textThatIsNoTextIsBase64() throws {
        let event = try event(
            "POST", "/", headers: ["Host": "h", "Content-Type": "text/plain"], body: [0xFF, 0xFE])
        #expect(event["isBase64Encoded"] == true)
        #expect(event["body"] == "//4=")
    }

    @Test func pathIsDecodedAndQueryIsRaw() throws {
        let event = try event("/a%20b/%E4%BD%A0?x=%20&flag&empty=")
        #expect(event["rawPath"] == "/a b/你")
        #expect(event["rawQueryString"] == "x=%20&flag&empty=")
        #expect(event["queryStringParameters"] == ["x": " ", "flag": "", "empty": ""])
    }

    @Test func callersForwardedForIsExtended() throws {
        let event = try event("GET", "/", headers: ["Host": "h:3000", "X-Forwarded-For": "10.0.0.9"])
        #expect(event["headers"]?["x-forwarded-for"] == "10.0.0.9, 192.0.2.1")
        #expect(event["headers"]?["x-forwarded-port"] == "3000")
        #expect(event["requestContext"]?["domainName"] == "h")
    }
}
