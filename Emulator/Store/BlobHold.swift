/// While it lives, the files of its blobs stay where they are, whatever commits release. For readers that open
/// one file after the other.
public final class BlobHold: Sendable {
    private let files: BlobFiles
    private let blobs: [BlobID]

    fileprivate init(_ files: BlobFiles, _ blobs: [BlobID]) {
        self.files = files
        self.blobs = blobs
        files.hold(blobs)
    }

    deinit { files.letGo(blobs) }
}

extension BlobStore {
    /// Call it inside ``Store/read(_:)``, with blobs that the snapshot shows: their files are there until the
    /// hold has gone. Closing the store does not wait for holds.
    public func hold(_ blobs: [BlobID]) -> BlobHold { BlobHold(files, blobs) }
}
