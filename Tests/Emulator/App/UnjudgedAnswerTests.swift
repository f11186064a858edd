import HTTPTypes
import Testing

@testable import App

@Suite struct UnjudgedAnswerTests {
    private func isOne(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> Bool {
        UnjudgedAnswer.isOne(
            HTTPResponse(status: status, headers: headers, body: .bytes(Array(body.utf8))),
            isDocument: body.hasPrefix("{"))
    }

    @Test(arguments: [
        "ValidationException", "SerializationException", "InvalidSignatureException",
        "UnrecognizedClientException",
    ])
    func aMalformedRequestToTablesIsNoUse(code: String) {
        #expect(isOne(400, "{\"__type\": \"com.amazon.coral.validate#\(code)\"}"))
    }

    @Test(arguments: [
        "AccessDeniedException", "ConditionalCheckFailedException", "ResourceNotFoundException",
        "TransactionCanceledException", "ProvisionedThroughputExceededException",
    ])
    func otherRefusalsOfTablesAre(code: String) {
        #expect(!isOne(400, "{\"__type\": \"com.amazonaws.dynamodb.v20120810#\(code)\", \"message\": \"\"}"))
    }

    @Test(
        arguments: [
            (200, "", false), (304, "", false), (404, "NoSuchKey", false), (412, "PreconditionFailed", false),
            (403, "AccessDenied", false), (403, "SignatureDoesNotMatch", true), (400, "MalformedXML", true),
            (405, "MethodNotAllowed", true), (500, "InternalError", false),
        ] as [(Int, String, Bool)])
    func answersOfS3(status: Int, code: String, isUnjudged: Bool) {
        let body = code.isEmpty ? "" : "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code></Error>"
        #expect(isOne(status, body) == isUnjudged)
    }

    @Test func aRefusalWithoutABodyIsNoUse() { #expect(isOne(403, "")) }

    @Test func functionsAreToldByAHeader() {
        #expect(!isOne(403, "", ["x-amzn-ErrorType": "AccessDeniedException"]))
        #expect(isOne(400, "", ["x-amzn-ErrorType": "InvalidRequestContentException"]))
        #expect(!isOne(404, "", ["x-amzn-ErrorType": "ResourceNotFoundException"]))
    }
}
