import EventSources
import JSON
import LambdaEvents

/// Requests in payload format 2.0: HTTP APIs and functions' own URLs.
enum HTTPSamples {
    static let all: [EventSample] = [
        api("get", "A GET with query and cookies", "GET", cookies: #""theme=dark""#, query: "a=1&a=2&b=3"),
        api(
            "post", "A POST of JSON", "POST", type: "application/json",
            body: #", "body": "{\"delta\":1}", "isBase64Encoded": false"#),
        api(
            "form", "A POST of a form, in base64", "POST", type: "application/x-www-form-urlencoded",
            body: #", "body": "bmFtZT1BZGE=", "isBase64Encoded": true"#),
        api(
            "jwt", "A GET that a JWT authorizer let pass", "GET",
            authorizer: """
                "authorizer": { "jwt": {
                    "claims": { "sub": "${uuid}", "scope": "notes.read", "exp": "${s}" },
                    "scopes": [ "notes.read" ] } },
                """),
        url("get", "A GET of a URL that everybody may call", "GET"),
        url("post", "A POST of JSON", "POST", body: #", "body": "{\"name\":\"Ada\"}""#),
        url(
            "iam", "A GET that was signed", "GET",
            authorizer: """
                "authorizer": { "iam": {
                    "accessKey": "AKIAEXAMPLE", "accountId": "${account}", "callerId": "AIDAEXAMPLE",
                    "cognitoIdentity": null, "principalOrgId": null,
                    "userArn": "arn:aws:iam::${account}:user/ada", "userId": "AIDAEXAMPLE" } },
                """),
    ]

    private static func api(
        _ kind: String, _ summary: String, _ method: String, type: String? = nil, cookies: String = "",
        query: String = "", authorizer: String = "", body: String = #", "isBase64Encoded": false"#
    ) -> EventSample {
        let contentType = type.map { "\"content-type\": \"\($0)\"," } ?? ""
        let parameters = query.isEmpty ? "" : #""queryStringParameters": { "a": "1,2", "b": "3" },"#
        return EventSample(
            "http", kind, summary,
            """
            { "version": "2.0", "routeKey": "\(method) /notes/{id}", "rawPath": "/notes/42",
              "rawQueryString": "\(query)", "cookies": [ \(cookies) ],
              "headers": {
                "accept": "*/*", \(contentType) "host": "abcdefghij.execute-api.${region}.amazonaws.com",
                "user-agent": "curl/8.5.0", "x-amzn-trace-id": "${trace}", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443", "x-forwarded-proto": "https" }, \(parameters)
              "requestContext": {
                "accountId": "${account}", "apiId": "abcdefghij", \(authorizer)
                "domainName": "abcdefghij.execute-api.${region}.amazonaws.com",
                "domainPrefix": "abcdefghij",
                "http": {
                    "method": "\(method)", "path": "/notes/42", "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "curl/8.5.0" },
                "requestId": "${requestId}", "routeKey": "\(method) /notes/{id}", "stage": "$default",
                "time": "${clf}", "timeEpoch": ${ms} },
              "pathParameters": { "id": "42" }\(body) }
            """
        ) { json throws(EventDecodingError) in _ = try HTTPAPIEvent(json: json).bodyBytes() }
    }

    private static func url(
        _ kind: String, _ summary: String, _ method: String, authorizer: String = "", body: String = ""
    ) -> EventSample {
        let host = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.${region}.on.aws"
        let contentType = body.isEmpty ? "" : #""content-type": "application/json","#
        return EventSample(
            "url", kind, summary,
            """
            { "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
              "headers": {
                "accept": "*/*", \(contentType) "host": "\(host)", "user-agent": "curl/8.5.0",
                "x-amzn-trace-id": "${trace}", "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "443",
                "x-forwarded-proto": "https" },
              "requestContext": {
                "accountId": "\(authorizer.isEmpty ? "anonymous" : "${account}")",
                "apiId": "abcdefghijklmnopqrstuvwxyz012345", \(authorizer)
                "domainName": "\(host)", "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
                "http": {
                    "method": "\(method)", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                    "userAgent": "curl/8.5.0" },
                "requestId": "${uuid}", "routeKey": "$default", "stage": "$default", "time": "${clf}",
                "timeEpoch": ${ms} }\(body), "isBase64Encoded": false }
            """
        ) { json throws(EventDecodingError) in _ = try FunctionURLEvent(json: json).request.bodyBytes() }
    }
}
