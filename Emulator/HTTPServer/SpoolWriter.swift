import Glibc
import HTTPTypes
import Net

/// Writes a request body to a file while it arrives. Disk writes run in the pool, one at a time; at most
/// two buffers of `bufferBytes` and one read wait in memory.
@EventLoop final class SpoolWriter {
    /// Called when a write is done after `append` said to hold back.
    var onRoom: (@EventLoop () -> Void)?

    private let path: String
    private let descriptor: Int32
    private var filling: [UInt8] = []
    private var length: Int64 = 0
    private var isWriting = false
    private var failure: SystemError?
    private var finishing: (@EventLoop (Result<SpooledBody, SystemError>) -> Void)?
    private var isDiscarded = false

    private static let bufferBytes = 262_144
    private static var counter = 0

    init(directory: String) throws(SystemError) {
        Self.counter += 1
        path = "\(directory)/upload-\(getpid())-\(Self.counter)"
        descriptor = try System.open(path, O_WRONLY | O_CREAT | O_EXCL)
        filling.reserveCapacity(Self.bufferBytes)
    }

    /// Whether the sender is to be held back.
    var isFull: Bool { filling.count >= Self.bufferBytes }

    /// False asks to hold the sender back until `onRoom`.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        length += Int64(bytes.count)
        // After a failed write the rest is taken and dropped, so that `finish` can tell at once.
        if failure != nil { return true }
        filling.append(contentsOf: bytes)
        if filling.count >= Self.bufferBytes { flush() }
        return !isFull
    }

    /// Writes the rest and hands over the file, or the error that a write met.
    func finish(_ done: @escaping @EventLoop (Result<SpooledBody, SystemError>) -> Void) {
        finishing = done
        flush()
        settle()
    }

    /// Removes the file; nothing is called any more.
    func discard() {
        guard !isDiscarded else { return }
        isDiscarded = true
        onRoom = nil
        finishing = nil
        filling = []
        settle()
    }

    /// Freeing a large file's blocks takes time, so never on the loop.
    private static let remove: @Sendable (String) -> Void = { path in
        guard EventLoop.isCurrent else {
            try? System.unlink(path)
            return
        }
        Task { @EventLoop in
            runBlocking {
                try? System.unlink(path)
            } then: {
            }
        }
    }

    private func flush() {
        guard !isWriting, !isDiscarded, failure == nil, !filling.isEmpty else { return }
        isWriting = true
        let job = WriteJob(descriptor: descriptor, bytes: filling)
        filling = []
        runBlocking {
            job.run()
        } then: {
            self.isWriting = false
            self.failure = self.failure ?? job.failure
            if self.failure != nil { self.filling = [] }
            if self.finishing != nil || self.filling.count >= Self.bufferBytes { self.flush() }
            let onRoom = self.onRoom
            self.settle()
            onRoom?()
        }
    }

    /// Ends the writer when nothing is being written any more.
    private func settle() {
        guard !isWriting else { return }
        if isDiscarded {
            let (path, descriptor) = (self.path, self.descriptor)
            // Freeing a large file's blocks takes time.
            return runBlocking {
                System.close(descriptor)
                try? System.unlink(path)
            } then: {
            }
        }
        guard let finishing else { return }
        self.finishing = nil
        if let failure {
            discard()
            return finishing(.failure(failure))
        }
        System.close(descriptor)
        finishing(.success(SpooledBody(path: path, length: length, remove: Self.remove)))
    }
}

/// Unchecked: `failure` is written by the pool's thread, then read by the loop.
private final class WriteJob: @unchecked Sendable {
    private let descriptor: Int32
    private let bytes: [UInt8]
    private(set) var failure: SystemError?

    init(descriptor: Int32, bytes: [UInt8]) {
        self.descriptor = descriptor
        self.bytes = bytes
    }

    func run() {
        do throws(SystemError) {
            try System.writeAll(descriptor, bytes)
        } catch {
            failure = error
        }
    }
}
