import Store

/// A blob that no record refers to yet. Unless a commit attaches it, it goes with the last reference, whatever
/// kept the commit from running.
final class AdoptedBlob: Sendable {
    let id: BlobID
    /// Bytes.
    let length: Int64
    private let blobs: BlobStore

    init(_ id: BlobID, length: Int64, in blobs: BlobStore) {
        self.id = id
        self.length = length
        self.blobs = blobs
    }

    /// Does nothing to a blob that was attached.
    deinit { blobs.discard(id) }
}
