import Glibc
import HTTPServer
import HTTPTypes
import Net

// The HTTP server with nothing behind it: what a request costs before any service has done anything.
// `wrk -t1 -c64 -d5s http://127.0.0.1:PORT/` gives the number that other loads are compared with.
// With `--hop` each answer waits for another thread, as one that commits does.

let arguments = CommandLine.arguments.dropFirst()
let hops = arguments.contains("--hop")
let port = arguments.compactMap { Int($0) }.first ?? 0
let answer = HTTPResponse(headers: ["Content-Type": "text/plain"], body: .bytes(Array("ok\n".utf8)))

Task { @EventLoop in
    do throws(NetError) {
        let server = try HTTPServer(host: "127.0.0.1", port: port) { _ in
            if hops { _ = try? await runBlocking {} }
            return answer
        }
        print("http://127.0.0.1:\(server.port)/")
        fflush(nil)
    } catch {
        print(error)
        exit(69)
    }
}
while true { pause() }
