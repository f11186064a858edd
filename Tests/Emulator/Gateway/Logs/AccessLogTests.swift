import Testing

@testable import Gateway

@Suite struct AccessLogTests {
    private func line(_ format: String, _ values: [String: String]) throws -> String {
        try AccessLogFormat(format).line { values[$0] }
    }

    @Test(
        arguments: [
            ("$context.requestId", "id"), ("[$context.requestId]", "[id]"), ("$context.requestId.", "id."),
            ("$context.requestId:$context.status", "id:200"), ("$context.none $context.requestId", "- id"),
            (#"{"a":"$context.requestId"}"#, #"{"a":"id"}"#), ("$$context.requestId$", "$id$"),
            ("$context.requestId $context.authorizer.claims.cognito:username", "id me"),
            ("$context.requestId-$context.status", "id-200"),
            ("$context.authorizer.x-user $context.requestId", "somebody id"),
            ("$context.authorizer.x-user-$context.requestId", "somebody-id"),
        ])
    func variablesAreFilledIn(_ format: String, _ expected: String) throws {
        #expect(
            try line(
                format,
                [
                    "requestId": "id", "status": "200", "authorizer.claims.cognito:username": "me",
                    "authorizer.x-user": "somebody",
                ])
                == expected)
    }

    @Test func whatClientsSendStaysInItsPlace() throws {
        #expect(
            try line(
                "\"$context.identity.userAgent\" $context.requestId",
                [
                    "requestId": "id", "identity.userAgent": "a\"b\\c\nd\u{1}é",
                ]) == "\"a\\\"b\\\\c d é\" id")
    }

    @Test func onlyTheMessageBringsItsQuotes() throws {
        #expect(
            try line(
                "$context.error.messageString $context.error.message $context.extendedRequestId",
                [
                    "error.messageString": "\"a\"", "error.message": "\"a\"", "extendedRequestId": "id",
                ]) == "\"a\" \\\"a\\\" id")
    }
}
