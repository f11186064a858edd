import CTLS
import Glibc

/// Where trusted certificate authorities are read from.
struct TrustStore: Equatable {
    var file: String?
    var directory: String?

    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` as OpenSSL reads them; else the first store the system has.
    /// A hashed directory comes first: OpenSSL opens only the one root it needs there, while parsing
    /// a whole bundle takes about 50 ms.
    static func find(file: String?, directory: String?) -> TrustStore {
        if file != nil || directory != nil { return TrustStore(file: file, directory: directory) }
        let directories = ["/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash"]
        if let hashed = directories.first(where: isHashed) { return TrustStore(directory: hashed) }
        let bundles = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"]
        return TrustStore(file: bundles.first { access($0, R_OK) == 0 })
    }

    /// Whether a directory has entries named as `openssl rehash` names them: `9d04f354.0`.
    static func isHashed(_ path: String) -> Bool {
        guard let directory = opendir(path) else { return false }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { $0 } }
            let hash = name.prefix { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
            let suffix = name.dropFirst(8)
            if hash.count == 8, suffix.first == UInt8(ascii: "."), suffix.count >= 2,
                suffix.dropFirst().allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            {
                return true
            }
        }
        return false
    }
}

/// An OpenSSL client context. Safe to share: OpenSSL locks it, and nothing changes it after `init`.
final class TLSContext: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer

    init(_ store: TrustStore) throws(HTTPClientError) {
        var message = TLSMessage()
        guard
            let pointer = ctls_context_new(store.file, store.directory, &message.bytes, message.bytes.count)
        else { throw .tls(message.text) }
        self.pointer = pointer
    }

    deinit { ctls_context_free(pointer) }
}

/// TLS over a connected socket.
final class TLSSession {
    private let socket: Socket
    private let context: TLSContext
    private let pointer: OpaquePointer

    /// Performs the handshake; the peer's certificate must be trusted and name `host`.
    init(
        _ context: TLSContext, socket: Socket, host: String, deadline: Deadline?
    ) throws(HTTPClientError) {
        var message = TLSMessage()
        guard
            let pointer = ctls_session_new(
                context.pointer, socket.descriptor, host, &message.bytes, message.bytes.count)
        else { throw .tls(message.text) }
        self.context = context
        self.socket = socket
        self.pointer = pointer
        while true {
            let status = ctls_handshake(pointer, &message.bytes, message.bytes.count)
            if status == CTLS_OK { return }
            guard try wait(after: status, deadline: deadline, phase: .handshake, message) else {
                throw .tls("the peer closed the connection during the handshake")
            }
        }
    }

    deinit {
        ctls_shutdown(pointer)
        ctls_session_free(pointer)
    }

    /// Waits for what OpenSSL wants next; false when the peer has closed.
    private func wait(
        after status: ctls_status, deadline: Deadline?, phase: TimeoutPhase, _ message: TLSMessage
    ) throws(HTTPClientError) -> Bool {
        switch status {
        case CTLS_WANT_READ: try socket.wait(for: Int16(POLLIN), deadline: deadline, phase: phase)
        case CTLS_WANT_WRITE: try socket.wait(for: Int16(POLLOUT), deadline: deadline, phase: phase)
        case CTLS_CLOSED: return false
        default:
            if phase == .handshake { throw .tls(message.text) }
            // After the handshake a failure is, to the caller, a connection that broke off: a
            // truncated response must never pass for a complete one.
            throw .closed
        }
        return true
    }

    /// Bytes received, 0 after the peer's close_notify.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, deadline: Deadline?
    ) throws(HTTPClientError) -> Int {
        var message = TLSMessage()
        while true {
            var count = 0
            let status = ctls_read(
                pointer, buffer.baseAddress, buffer.count, &count, &message.bytes, message.bytes.count)
            if status == CTLS_OK { return count }
            guard try wait(after: status, deadline: deadline, phase: .read, message) else { return 0 }
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer, deadline: Deadline?) throws(HTTPClientError) {
        var message = TLSMessage()
        var done = 0
        while done < bytes.count {
            var count = 0
            let status = ctls_write(
                pointer, bytes.baseAddress! + done, bytes.count - done, &count, &message.bytes,
                message.bytes.count)
            done += count
            if status == CTLS_OK { continue }
            guard try wait(after: status, deadline: deadline, phase: .write, message) else { throw .closed }
        }
    }
}

/// Where the C side leaves its reason, NUL-terminated.
private struct TLSMessage {
    var bytes = [CChar](repeating: 0, count: 256)

    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
