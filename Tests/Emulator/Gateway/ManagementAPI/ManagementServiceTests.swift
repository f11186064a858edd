import Clock
import HTTPTypes
import JSON
import Testing

@testable import Gateway

@Suite struct ManagementServiceTests {
    private let service = ManagementService(
        ["a", "b", "c"].map { APIModel(kind: .http, id: $0, name: $0) }, region: "us-east-1",
        accountID: "000000000000", created: Timestamp(seconds: 0))

    private func ids(_ target: String) throws -> [String?] {
        let answer = service.answer(HTTPRequest(method: "GET", target: target))
        #expect(answer.status == 200)
        let items = try JSONValue.parse(answer.body.bytes ?? [])["items"]?.array ?? []
        return items.map { $0["apiId"]?.string }
    }

    @Test(arguments: [
        ("", ["a", "b", "c"]), ("?maxResults=2", ["a", "b"]), ("?maxResults=1&nextToken=1", ["b"]),
        ("?maxResults=9223372036854775807&nextToken=1", ["b", "c"]),
        ("?maxResults=9223372036854775807&nextToken=3", []),
    ])
    func aPageHoldsWhatIsLeftAtMost(_ query: String, _ expected: [String]) throws {
        #expect(try ids("/v2/apis" + query) == expected)
    }
}
