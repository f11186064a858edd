import JSON
import Testing

@testable import App

@Suite struct MaskedPlacesTests {
    @Test(arguments: [
        (#"{"type":"TOKEN","authorizationToken":"Bearer x"}"#, "authorizationToken"),
        (#"{"version":"2.0","type":"REQUEST","identitySource":["Bearer x"]}"#, "identitySource"),
        (#"{"requestContext":{"identity":{"apiKey":"Bearer x"}}}"#, "requestContext.identity.apiKey"),
        (#"{"headers":{"Authorization":"Bearer x"}}"#, "headers.Authorization"),
        (
            #"{"rawQueryString":"%74oken=Bearer%20x","queryStringParameters":{"token":"Bearer x"}}"#,
            "queryStringParameters.token"
        ),
    ])
    func secretsAreMasked(event: String, path: String) throws {
        let masked = Masking.mask(try JSONValue.parse(Array(event.utf8)))
        #expect(masked.paths.map(\.description).contains(path))
        let text = masked.document.encodedString()
        #expect(!text.contains("Bearer"), "\(text)")
    }
}

@Suite struct RepeatedCallsTests {
    @Test func theSameFailureOfManyRequestsIsOneReason() {
        let first = "RequestId: 8c1f-1 Error: Task timed out after 3.00 seconds"
        let second = "RequestId: 77aa-2 Error: Task timed out after 3.00 seconds"
        #expect(RepeatedCalls.withoutRequestID(first) == "Error: Task timed out after 3.00 seconds")
        #expect(RepeatedCalls.withoutRequestID(first) == RepeatedCalls.withoutRequestID(second))
        #expect(RepeatedCalls.withoutRequestID("no such file") == "no such file")
    }
}
