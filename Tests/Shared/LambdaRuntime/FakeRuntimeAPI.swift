import Glibc
import Synchronization

/// A Runtime API on a free loopback port, following a script: each step is what it answers to the next
/// request. After the last step it closes everything.
final class FakeRuntimeAPI: Sendable {
    enum Step: Sendable {
        case event(id: String, body: String, trace: String?)
        case answer(status: String, body: String)
        /// Closes the connection after the answer, and expects a new one.
        case answerAndClose(status: String, body: String)
        /// Closes the connection instead of answering.
        case drop
    }

    let port: Int
    private let listener: Int32
    private let script: [Step]
    private let seen = Mutex<(requests: [String], reads: [Int], connections: Int)>(([], [], 0))
    private let thread = Mutex<pthread_t?>(nil)

    init(_ script: [Step]) {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0)
                getsockname(descriptor, $0, &length)
            }
            return Int(in_port_t(bigEndian: pointer.pointee.sin_port))
        }
        var started = pthread_t()
        let me = Unmanaged.passRetained(self)
        let code = pthread_create(
            &started, nil,
            { pointer in
                Unmanaged<FakeRuntimeAPI>.fromOpaque(pointer!).takeRetainedValue().serve()
                return nil
            }, me.toOpaque())
        precondition(code == 0)
        let running = started
        thread.withLock { $0 = running }
    }

    var endpoint: String { "127.0.0.1:\(port)" }

    /// Waits for the end of the script; then all requests, and how many arrived with each read.
    func finish() -> (requests: [String], reads: [Int], connections: Int) {
        if let running = thread.withLock({ $0 }) { pthread_join(running, nil) }
        thread.withLock { $0 = nil }
        return seen.withLock { $0 }
    }

    private func serve() {
        var steps = script[...]
        while !steps.isEmpty {
            let connection = accept(listener, nil, nil)
            seen.withLock { $0.connections += 1 }
            serve(connection, &steps)
            close(connection)
        }
        close(listener)
    }

    private func serve(_ connection: Int32, _ steps: inout ArraySlice<Step>) {
        var buffer: [UInt8] = []
        while true {
            while let request = Self.takeRequest(&buffer) {
                seen.withLock { $0.requests.append(request) }
                guard let step = steps.popFirst() else { return }
                switch step {
                case .event(let id, let body, let trace):
                    let traceField = trace.map { "Lambda-Runtime-Trace-Id: \($0)\r\n" } ?? ""
                    Self.send(
                        connection,
                        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \(id)\r\nLambda-Runtime-Deadline-Ms: 99999999999999\r\n\(traceField)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                case .answer(let status, let body), .answerAndClose(let status, let body):
                    Self.send(
                        connection, "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    if case .answerAndClose = step { return }
                case .drop: return
                }
                if steps.isEmpty { return }
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            buffer += chunk[..<count]
            let complete = String(decoding: chunk[..<count], as: UTF8.self).ranges(of: " HTTP/1.1\r\n").count
            seen.withLock { $0.reads.append(complete) }
        }
    }

    private static func takeRequest(_ buffer: inout [UInt8]) -> String? {
        let text = String(decoding: buffer, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.upperBound]
        let length =
            head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            .flatMap { Int($0.dropFirst("Content-Length: ".count)) } ?? 0
        let total = head.utf8.count + length
        guard buffer.count >= total else { return nil }
        let request = String(decoding: buffer[..<total], as: UTF8.self)
        buffer.removeFirst(total)
        return request
    }

    private static func send(_ connection: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
