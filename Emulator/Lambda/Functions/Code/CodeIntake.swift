import AWSProtocol
import Bytes
import Digests
import Glibc
import HTTPTypes
import JSON
import Net
import Store

/// What an object store holds under a key, or why that cannot be had. Injected, since object stores and functions
/// do not know each other.
public struct CodeSource: Sendable {
    /// - Parameters: bucket, key and, if one is meant, version.
    /// - Throws: the object store's own error.
    public let read:
        @Sendable (_ bucket: String, _ key: String, _ version: String?) async throws(AWSError) -> HTTPBody

    public init(
        read:
            @escaping @Sendable (_ bucket: String, _ key: String, _ version: String?) async throws(AWSError)
            -> HTTPBody
    ) {
        self.read = read
    }

    /// For emulators without an object store.
    public static let none = CodeSource { (_, _, _) async throws(AWSError) in
        throw AWSError(code: "NoSuchBucket", status: 404, message: "The specified bucket does not exist")
    }
}

/// Takes a zip from a request: checks and unpacks it, and makes it a blob that is the caller's to attach.
struct CodeIntake: Sendable {
    let store: Store
    let folders: CodeFolders
    let source: CodeSource

    /// Where the bytes come from, as a request says.
    enum Wish: Sendable {
        /// Base64 of the zip.
        case bytes(String)
        case object(bucket: String, key: String, version: String?)
    }

    /// A zip that lies in the store and in its folder, with nothing that refers to it.
    struct Taken: Sendable {
        let code: CodeRecord
        let blob: BlobID
        /// Where it lies; nothing in another one can refer to it.
        let store: Store
    }

    /// - Parameter limit: bytes of what may be unpacked.
    func take(_ wish: Wish, limit: Int = CodeLimits.unzipped) async throws(AWSError) -> Taken {
        let body = try await body(of: wish)
        let result: Result<Taken, CodeFault>
        do {
            result = try await runBlocking { [self] in
                do throws(CodeFault) {
                    return .success(try take(body, limit: limit))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw LambdaError.service("\(error)")
        }
        switch result {
        case .success(let taken): return taken
        case .failure(let fault): throw fault.error
        }
    }

    private func body(of wish: Wish) async throws(AWSError) -> HTTPBody {
        switch wish {
        case .bytes(let text):
            // Four characters for three bytes; said before anything is decoded.
            guard text.utf8.count / 4 * 3 <= CodeLimits.zipped + 2 else { throw Self.zippedTooLarge }
            let bytes: [UInt8]?
            do {
                bytes = try await runBlocking { Base64.decode(text) }
            } catch {
                throw LambdaError.service("\(error)")
            }
            guard let bytes else {
                throw LambdaError.serialization("The blob is not base64.")
            }
            guard bytes.count <= CodeLimits.zipped else { throw Self.zippedTooLarge }
            return .bytes(bytes)
        case .object(let bucket, let key, let version):
            do throws(AWSError) {
                return try await source.read(bucket, key, version)
            } catch {
                throw LambdaError.invalidParameter(
                    "Error occurred while GetObject. S3 Error Code: \(error.code). S3 Error Message: "
                        + (error.message ?? error.code))
            }
        }
    }

    private static let zippedTooLarge = LambdaError.entityTooLarge(
        "Zipped size must be smaller than \(CodeLimits.zipped) bytes")

    /// Blocks.
    private func take(_ body: HTTPBody, limit: Int) throws(CodeFault) -> Taken {
        guard body.length > 0 else { throw .empty }
        // A zip is hardly larger than what is in it.
        guard body.length < Int64(CodeLimits.unzipped + CodeLimits.zipped) else {
            throw .tooLarge(limit: limit)
        }
        let staged = "\(store.blobs.stagingDirectory)/code-\(UUID4.make())"
        var isStaged = true
        defer { if isStaged { unlink(staged) } }
        let digest = try stage(body, at: staged)
        let (folder, size) = try folders.unpack([staged], limit: limit)
        try folders.publish(folder, as: digest)
        // A file that is given away is removed by whoever got it.
        isStaged = false
        let blob = try adopt(staged)
        let code = CodeRecord(blob: blob.text, size: Int(body.length), digest: digest, unzippedSize: size)
        return Taken(code: code, blob: blob, store: store)
    }

    private func adopt(_ staged: String) throws(CodeFault) -> BlobID {
        do {
            return try store.blobs.adopt(stagedPath: staged)
        } catch {
            throw .machine("\(error)")
        }
    }

    /// Writes the zip to a file.
    /// - Returns: its digest.
    private func stage(_ body: HTTPBody, at path: String) throws(CodeFault) -> String {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .machine("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var hasher = SHA256.Hasher()
        try BodyPieces.read(body) { (bytes) throws(CodeFault) in
            hasher.update(bytes)
            var sent = 0
            while sent < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw .machine("\(path): \(String(cString: strerror(errno)))")
                }
                sent += count
            }
        }
        return Hex.encode(hasher.finish())
    }
}
