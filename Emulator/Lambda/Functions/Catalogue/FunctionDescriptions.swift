import Bytes
import Clock
import Digests
import Glibc
import Net

/// Digests of programs, computed off the event loop and kept until the file changes.
@EventLoop final class FunctionDescriptions {
    struct Code: Sendable {
        var size = 0
        /// SHA-256, base64; empty when the file cannot be read.
        var digest = ""
        var modified = Timestamp(milliseconds: 0)
    }

    private var known: [String: Code] = [:]

    func code(of path: String) async -> Code {
        var status = stat()
        guard stat(path, &status) == 0 else { return Code() }
        let modified = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        let size = Int(status.st_size)
        if let code = known[path], code.size == size, code.modified == modified { return code }
        let digest = try? await runBlocking { try Self.digest(path) }
        let code = Code(size: size, digest: digest ?? "", modified: modified)
        known[path] = code
        return code
    }

    private struct Unreadable: Error {}

    private nonisolated static func digest(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var hasher = SHA256.Hasher()
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Unreadable() }
            if count == 0 { break }
            buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return Base64.encode(hasher.finish())
    }
}
