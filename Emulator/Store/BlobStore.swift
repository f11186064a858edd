import Glibc

/// Files too large for a key-value pair. A blob goes through three steps: it is staged as a plain file in
/// ``stagingDirectory``, adopted (durable, but removed again if nothing refers to it), and made live by
/// ``Transaction/attach(_:length:)``.
public struct BlobStore: Sendable {
    let files: BlobFiles

    /// Where to write files that will be adopted; on the blobs' file system, emptied when the store opens.
    public var stagingDirectory: String { files.staging }

    /// Syncs a finished file of the staging folder and moves it to its place. When it returns, file and name
    /// are durable. Blocks on the disk; call it off the event loop.
    public func adopt(stagedPath: String) throws(StoreError) -> BlobID { try files.adopt(stagedPath) }

    /// Stages and adopts `bytes`.
    public func write(_ bytes: [UInt8]) throws(StoreError) -> BlobID { try files.write(bytes) }

    /// Removes an adopted blob that will not be attached after all. Does nothing to a live one.
    public func discard(_ blob: BlobID) { files.discard(blob) }

    /// Opens the file for reading; the caller closes the descriptor. Inside ``Store/read(_:)`` a blob that the
    /// snapshot shows can always be opened, and an open one can be read to its end whatever happens to it.
    public func open(_ blob: BlobID) throws(StoreError) -> Int32 {
        try Files.open(files.path(of: blob), O_RDONLY)
    }

    public func path(of blob: BlobID) -> String { files.path(of: blob) }
}
