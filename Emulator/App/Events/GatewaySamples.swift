import EventSources
import JSON
import LambdaEvents

/// REST APIs, WebSocket APIs and load balancers.
enum GatewaySamples {
    static let all: [EventSample] = [
        rest("get", "A GET of a REST API", "GET", body: "null"),
        rest("post", "A POST of JSON to a REST API", "POST", body: #""{\"delta\":1}""#),
        rest(
            "cognito", "A GET that a user pool's authorizer let pass", "GET", body: "null",
            authorizer: #""authorizer": { "claims": { "sub": "${uuid}", "cognito:username": "ada" } },"#),
        webSocket(
            "connect", "A client connects", route: "$connect", type: "CONNECT", context: "",
            event: """
                "headers": {
                    "Host": "abcdefghij.execute-api.${region}.amazonaws.com",
                    "Sec-WebSocket-Version": "13", "X-Forwarded-For": "127.0.0.1" },
                "multiValueHeaders": {
                    "Host": [ "abcdefghij.execute-api.${region}.amazonaws.com" ],
                    "Sec-WebSocket-Version": [ "13" ], "X-Forwarded-For": [ "127.0.0.1" ] },
                "queryStringParameters": { "room": "1" },
                "multiValueQueryStringParameters": { "room": [ "1" ] },
                """),
        webSocket(
            "message", "A client sends a message", route: "$default", type: "MESSAGE",
            context: #""messageId": "${requestId}","#,
            event: #""body": "{\"action\":\"say\",\"text\":\"hello\"}","#),
        webSocket(
            "disconnect", "A client is gone", route: "$disconnect", type: "DISCONNECT",
            context: #""disconnectStatusCode": 1000, "disconnectReason": "","#,
            event: """
                "headers": {
                    "Host": "abcdefghij.execute-api.${region}.amazonaws.com", "x-api-key": "",
                    "X-Forwarded-For": "", "x-restapi": "" },
                "multiValueHeaders": {
                    "Host": [ "abcdefghij.execute-api.${region}.amazonaws.com" ], "x-api-key": [ "" ],
                    "X-Forwarded-For": [ "" ], "x-restapi": [ "" ] },
                """),
        balancer(
            "get", "A GET through a load balancer",
            """
            "queryStringParameters": { "a": "1" },
            "headers": { "accept": "*/*", "host": "lb.example.com", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443", "x-forwarded-proto": "https", "x-amzn-trace-id": "${trace}" }
            """),
        balancer(
            "multi-value", "A GET through a target group with multi-value headers",
            """
            "multiValueQueryStringParameters": { "a": [ "1", "2" ] },
            "multiValueHeaders": { "accept": [ "*/*" ], "cookie": [ "a=1", "b=2" ],
                "host": [ "lb.example.com" ], "x-forwarded-for": [ "127.0.0.1" ],
                "x-forwarded-port": [ "443" ], "x-forwarded-proto": [ "https" ],
                "x-amzn-trace-id": [ "${trace}" ] }
            """),
    ]

    private static func rest(
        _ kind: String, _ summary: String, _ method: String, body: String, authorizer: String = ""
    ) -> EventSample {
        EventSample(
            "rest", kind, summary,
            """
            { "resource": "/notes/{id}", "path": "/notes/42", "httpMethod": "\(method)",
              "headers": {
                "Accept": "*/*", "Content-Type": "application/json",
                "Host": "abcdefghij.execute-api.${region}.amazonaws.com", "User-Agent": "curl/8.5.0",
                "X-Amzn-Trace-Id": "${trace}", "X-Forwarded-For": "127.0.0.1" },
              "multiValueHeaders": {
                "Accept": [ "*/*" ], "Content-Type": [ "application/json" ],
                "Host": [ "abcdefghij.execute-api.${region}.amazonaws.com" ],
                "User-Agent": [ "curl/8.5.0" ], "X-Amzn-Trace-Id": [ "${trace}" ],
                "X-Forwarded-For": [ "127.0.0.1" ] },
              "queryStringParameters": { "a": "2" },
              "multiValueQueryStringParameters": { "a": [ "1", "2" ] },
              "pathParameters": { "id": "42" }, "stageVariables": null,
              "requestContext": {
                "accountId": "${account}", "apiId": "abcdefghij", \(authorizer)
                "domainName": "abcdefghij.execute-api.${region}.amazonaws.com", "domainPrefix": "abcdefghij",
                "extendedRequestId": "${requestId}", "httpMethod": "\(method)",
                "identity": {
                    "accessKey": null, "accountId": null, "apiKey": null, "caller": null,
                    "cognitoAuthenticationProvider": null, "cognitoAuthenticationType": null,
                    "cognitoIdentityId": null, "cognitoIdentityPoolId": null, "principalOrgId": null,
                    "sourceIp": "127.0.0.1", "user": null, "userAgent": "curl/8.5.0", "userArn": null },
                "path": "/v1/notes/42", "protocol": "HTTP/1.1", "requestId": "${uuid}",
                "requestTime": "${clf}", "requestTimeEpoch": ${ms}, "resourceId": "abc123",
                "resourcePath": "/notes/{id}", "stage": "v1" },
              "body": \(body), "isBase64Encoded": false }
            """
        ) { json throws(EventDecodingError) in _ = try RESTAPIEvent(json: json).bodyBytes() }
    }

    private static func webSocket(
        _ kind: String, _ summary: String, route: String, type: String, context: String, event: String
    ) -> EventSample {
        EventSample(
            "websocket", kind, summary,
            """
            { \(event)
              "requestContext": {
                "routeKey": "\(route)", "eventType": "\(type)", \(context)
                "extendedRequestId": "${requestId}", "requestTime": "${clf}", "messageDirection": "IN",
                "stage": "v1", "connectedAt": ${ms}, "requestTimeEpoch": ${ms},
                "identity": { "sourceIp": "127.0.0.1" }, "requestId": "${requestId}",
                "domainName": "abcdefghij.execute-api.${region}.amazonaws.com",
                "connectionId": "${requestId}", "apiId": "abcdefghij" },
              "isBase64Encoded": false }
            """
        ) { json throws(EventDecodingError) in _ = try WebSocketEvent(json: json).bodyBytes() }
    }

    private static func balancer(_ kind: String, _ summary: String, _ values: String) -> EventSample {
        EventSample(
            "alb", kind, summary,
            """
            { "requestContext": { "elb": {
                "targetGroupArn":
                  "arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/functions/${hex16}" } },
              "httpMethod": "GET", "path": "/notes/42", \(values), "body": "", "isBase64Encoded": false }
            """
        ) { json throws(EventDecodingError) in _ = try LoadBalancerEvent(json: json).bodyBytes() }
    }
}
