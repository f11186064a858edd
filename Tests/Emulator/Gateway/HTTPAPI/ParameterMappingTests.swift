import Clock
import HTTPClient
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import Gateway

/// Paths made by `overwrite:path`.
@Suite struct ParameterMappingTests {
    /// The URL that a backend is asked for.
    private func asked(
        _ target: String, key: String, url: String, path: String, stage: String = "$default"
    ) async throws -> String? {
        let asked = Mutex<String?>(nil)
        let mapping = try ParameterMapping([(key: "overwrite:path", value: path)], ofResponse: false)
        let gateway = try HTTPAPI(
            configuration: HTTPAPIConfiguration(
                apiID: "api", accountID: "0", region: "r", stages: [HTTPAPIStage(name: stage)],
                routes: [
                    HTTPAPIRoute(
                        key: key, function: "", settings: RouteSettings(url: url, requestParameters: mapping))
                ]),
            clock: ManualClock(Timestamp(seconds: 0)),
            send: { request in
                asked.withLock { $0 = request.url.description }
                return .failure(.timedOut)
            },
            invoke: { _, _, _ in .notFound })
        _ = await gateway.respond(to: HTTPRequest(method: "GET", target: target))
        return asked.withLock { $0 }
    }

    @Test func aPathThatIsTheRequestsOwnReplacesTheURLs() async throws {
        let url = try await asked("/a/b?c=d", key: "$default", url: "http://h/base", path: "$request.path")
        #expect(url == "http://h/a/b?c=d")
    }

    @Test(arguments: ["/a/../b", "/a/%2e%2E/b"])
    func aPathThatLeadsOutOfItsFolderIsNotPassedOn(_ target: String) async throws {
        #expect(try await asked(target, key: "$default", url: "http://h/base", path: "$request.path") == nil)
    }

    @Test func theStageIsNoPartOfThePath() async throws {
        let url = try await asked(
            "/dev/a", key: "$default", url: "http://h/base", path: "$request.path", stage: "dev")
        #expect(url == "http://h/a")
    }

    @Test(arguments: [
        ("/x/a%2520b", "GET /x/{id}", "/new/${request.path.id}", "http://h/new/a%2520b"),
        ("/x/7%2F8", "GET /x/{id}", "/new/${request.path.id}", "http://h/new/7%2F8"),
        ("/x/a/b%20c", "GET /x/{id+}", "/new/${request.path.id}", "http://h/new/a/b%20c"),
        ("/x/a%2Fb", "GET /x/{id}", "$request.path", "http://h/x/a%2Fb"),
        ("/x/a", "GET /x/{id}", "/one%20two three/${request.path.id}", "http://h/one%20two%20three/a"),
    ])
    func valuesAreEncodedOnce(_ target: String, _ key: String, _ path: String, _ expected: String)
        async throws
    {
        #expect(try await asked(target, key: key, url: "http://h/base", path: path) == expected)
    }
}
