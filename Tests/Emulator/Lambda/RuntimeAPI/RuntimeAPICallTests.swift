import Testing

@testable import Lambda

@Suite struct RuntimeAPICallTests {
    static let table: [(String, String, RuntimeAPICall)] = [
        ("GET", "/2018-06-01/runtime/invocation/next", .next),
        ("POST", "/2018-06-01/runtime/invocation/next", .wrongMethod),
        ("POST", "/2018-06-01/runtime/invocation/a-b/response", .response(requestID: "a-b")),
        ("POST", "/2018-06-01/runtime/invocation/a-b/error", .error(requestID: "a-b")),
        ("GET", "/2018-06-01/runtime/invocation/a-b/error", .wrongMethod),
        ("POST", "/2018-06-01/runtime/invocation//response", .unknown),
        ("POST", "/2018-06-01/runtime/invocation/a/b/response", .unknown),
        ("POST", "/2018-06-01/runtime/init/error", .initError),
        ("GET", "/2018-06-01/ping", .ping),
        ("GET", "/2018-06-01/runtime/restore/next", .unknown),
        ("POST", "/2018-06-01/runtime/restore/error", .unknown),
        ("POST", "/2020-01-01/extension/register", .unknown),
        ("GET", "/2018-06-01/", .unknown),
        ("GET", "/", .unknown),
    ]

    @Test(arguments: table.indices) func routes(row: Int) {
        let (method, path, call) = Self.table[row]
        #expect(RuntimeAPICall(method: method, path: path) == call)
    }
}
