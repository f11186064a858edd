import JSON

/// Calls of a function by the clock that keep an environment ready. The emulator makes the same calls.
public struct WarmUp: Sendable {
    /// `rate(5 minutes)` or a cron expression.
    public let expression: String
    /// What the function gets.
    public let event: JSONValue

    /// - Parameter value: `warmUp` of a function: true, or an object.
    public init?(_ value: JSONValue?) {
        guard let value, value.bool ?? true else { return nil }
        expression = value["expression"]?.string ?? "rate(5 minutes)"
        event = value["input"] ?? Self.request
    }

    /// A request to a path that no service has: a handler of HTTP requests says 404 and touches nothing.
    private static let request: JSONValue = [
        "version": "2.0", "routeKey": "$default", "rawPath": "/.warm-up", "rawQueryString": "",
        "headers": ["host": "warm-up"],
        "requestContext": [
            "accountId": "000000000000", "apiId": "warmup", "domainName": "warm-up",
            "domainPrefix": "warm-up",
            "http": [
                "method": "GET", "path": "/.warm-up", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "warm-up",
            ],
            "requestId": "warm-up", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/1970:00:00:00 +0000", "timeEpoch": 0,
        ],
        "isBase64Encoded": false,
    ]
}
