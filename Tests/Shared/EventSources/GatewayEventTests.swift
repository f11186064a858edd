import EventSources
import JSON
import LambdaEvents
import Testing

/// The events of the API Gateway, Lambda and load balancer guides.
@Suite struct GatewayEventTests {
    static let rest = """
        {"resource":"/my/{path}","path":"/my/path","httpMethod":"POST",\
        "headers":{"Header1":"value1","header2":"value2"},\
        "multiValueHeaders":{"Header1":["value1"],"header2":["value1","value2"]},\
        "queryStringParameters":{"parameter1":"value2"},\
        "multiValueQueryStringParameters":{"parameter1":["value1","value2"]},\
        "requestContext":{"accountId":"123456789012","apiId":"id",\
        "authorizer":{"claims":{"sub":"1"},"scopes":null},"domainName":"id.execute-api.us-east-1.amazonaws.com",\
        "extendedRequestId":"request-id","httpMethod":"GET","identity":{"accessKey":null,"sourceIp":"192.0.2.1",\
        "userAgent":"user-agent","userArn":null},"path":"/my/path","protocol":"HTTP/1.1","requestId":"id=",\
        "requestTime":"04/Mar/2020:19:15:17 +0000","requestTimeEpoch":1583349317135,"resourceId":null,\
        "resourcePath":"/my/{path}","stage":"$default"},"pathParameters":{"path":"path"},"stageVariables":null,\
        "body":"SGVsbG8=","isBase64Encoded":true}
        """

    @Test func aRequestOfARESTAPI() throws {
        let event = try RESTAPIEvent(json: JSONValue.parse(Self.rest))
        #expect(event.resource == "/my/{path}" && event.path == "/my/path" && event.method == "POST")
        #expect(event.header("HEADER1") == "value1" && event.header("absent") == nil)
        #expect(event.multiValueHeaders["header2"] == ["value1", "value2"])
        #expect(event.queryStringParameters == ["parameter1": "value2"])
        #expect(event.multiValueQueryStringParameters == ["parameter1": ["value1", "value2"]])
        #expect(event.pathParameters == ["path": "path"] && event.stageVariables.isEmpty)
        #expect(try event.bodyBytes() == Array("Hello".utf8))
        let context = event.requestContext
        #expect(context.accountID == "123456789012" && context.apiID == "id" && context.stage == "$default")
        #expect(context.requestID == "id=" && context.resourcePath == "/my/{path}")
        #expect(context.requestTimeEpoch == 1_583_349_317_135 && context.sourceIP == "192.0.2.1")
        #expect(context.userAgent == "user-agent" && context.userARN == nil)
        #expect(context.authorizer["claims"] == ["sub": "1"])
    }

    private func webSocket(_ type: JSONValue, _ more: JSONObject = [:], body: JSONValue = nil) -> JSONValue {
        var context: JSONObject = [
            "routeKey": "$default", "eventType": type, "connectionId": "L0SM9cOFvHcCIhw=", "apiId": "abc",
            "stage": "prod", "connectedAt": 1_583_348_638_390, "requestTimeEpoch": 1_583_348_638_391,
            "identity": ["sourceIp": "192.0.2.1"], "requestId": "r", "domainName": "d",
        ]
        for (name, value) in more { context[name] = value }
        return ["requestContext": .object(context), "body": body, "isBase64Encoded": false]
    }

    @Test func aMessageOfAWebSocket() throws {
        let event = try WebSocketEvent(json: webSocket("MESSAGE", ["messageId": "m"], body: "{}"))
        #expect(event.kind == .message && event.routeKey == "$default" && event.messageID == "m")
        #expect(event.connectionID == "L0SM9cOFvHcCIhw=" && event.connectedAt == 1_583_348_638_390)
        #expect(event.sourceIP == "192.0.2.1" && event.headers.isEmpty)
        #expect(try event.bodyBytes() == Array("{}".utf8))
    }

    @Test func theEndOfAWebSocketTellsItsStatus() throws {
        let event = try WebSocketEvent(
            json: webSocket("DISCONNECT", ["disconnectStatusCode": 1001, "disconnectReason": "away"]))
        #expect(event.kind == .disconnect && event.disconnectStatusCode == 1001)
        #expect(event.disconnectReason == "away")
    }

    static let url = """
        {"version":"2.0","routeKey":"$default","rawPath":"/my/path","rawQueryString":"","headers":{"header1":"value1"},\
        "requestContext":{"accountId":"123456789012","apiId":"<urlid>","authentication":null,\
        "authorizer":{"iam":{"accessKey":"AKIA...","accountId":"111122223333","callerId":"AIDA...",\
        "cognitoIdentity":null,"principalOrgId":null,"userArn":"arn:aws:iam::111122223333:user/example-user",\
        "userId":"AIDA..."}},"domainName":"<url-id>.lambda-url.us-west-2.on.aws","domainPrefix":"<url-id>",\
        "http":{"method":"POST","path":"/my/path","protocol":"HTTP/1.1","sourceIp":"123.123.123.123",\
        "userAgent":"agent"},"requestId":"id","routeKey":"$default","stage":"$default",\
        "time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1583348638390},"body":"Hello from client!",\
        "pathParameters":null,"isBase64Encoded":false,"stageVariables":null}
        """

    @Test func aRequestToAFunctionsURL() throws {
        let event = try FunctionURLEvent(json: JSONValue.parse(Self.url))
        #expect(event.request.rawPath == "/my/path" && event.request.requestContext.method == "POST")
        #expect(event.request.body == "Hello from client!")
        #expect(event.caller?.userARN == "arn:aws:iam::111122223333:user/example-user")
        #expect(event.caller?.accountID == "111122223333")
    }

    @Test func aURLForEverybodyHasNoCaller() throws {
        let json: JSONValue = ["rawPath": "/", "requestContext": ["http": ["method": "GET"]]]
        #expect(try FunctionURLEvent(json: json).caller == nil)
    }

    private func balancer(_ more: JSONObject) -> JSONValue {
        var event: JSONObject = [
            "requestContext": [
                "elb": ["targetGroupArn": "arn:aws:elasticloadbalancing:r:a:targetgroup/t/6d"]
            ],
            "httpMethod": "GET", "path": "/", "body": "", "isBase64Encoded": false,
        ]
        for (name, value) in more { event[name] = value }
        return .object(event)
    }

    @Test func aRequestThroughALoadBalancer() throws {
        let event = try LoadBalancerEvent(
            json: balancer(["queryStringParameters": ["a": "1"], "headers": ["accept": "text/html"]]))
        #expect(event.targetGroupARN.hasSuffix("targetgroup/t/6d") && event.method == "GET")
        #expect(event.query == ["a": ["1"]] && event.header("Accept") == "text/html")
        #expect(!event.wantsMultiValueHeaders)
    }

    @Test func aLoadBalancerMaySendLists() throws {
        let event = try LoadBalancerEvent(
            json: balancer([
                "multiValueQueryStringParameters": ["a": ["1", "2"]],
                "multiValueHeaders": ["cookie": ["a=1", "b=2"]],
            ]))
        #expect(event.query == ["a": ["1", "2"]] && event.headers["cookie"] == ["a=1", "b=2"])
        #expect(event.header("Cookie") == "b=2" && event.wantsMultiValueHeaders)
    }
}
