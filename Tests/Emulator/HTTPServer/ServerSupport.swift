import Glibc
import HTTPServer
import HTTPTypes
import Net
import SocketSupport
import Synchronization

/// A server with a handler of the test's, on a free port, closed when the test is over.
@discardableResult
func withServer<Result: Sendable>(
    _ options: HTTPServerOptions = HTTPServerOptions(), handler: @escaping HTTPServer.Handler = tell,
    _ body: (Int) async throws -> Result
) async throws -> Result {
    let server = try await HTTPServer(host: "127.0.0.1", port: 0, options: options, handler: handler)
    do {
        let result = try await body(await server.port)
        await server.close()
        return result
    } catch {
        await server.close()
        throw error
    }
}

/// Answers with what it was asked: method, target, body.
@Sendable func tell(_ request: HTTPRequest) async -> HTTPResponse {
    let body = (try? request.body.readAll()) ?? []
    let text = "\(request.method) \(request.target) [\(String(decoding: body, as: UTF8.self))]"
    return HTTPResponse(headers: ["Content-Type": "text/plain"], body: .bytes(Array(text.utf8)))
}

/// A temporary folder that goes with the closure.
func withFolder<Result: Sendable>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = try makeTemporaryFolder()
    defer { Files.removeTree(folder) }
    return try await body(folder)
}

func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// Counts across threads.
final class Tally: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
