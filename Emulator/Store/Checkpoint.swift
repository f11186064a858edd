extension Store {
    /// Makes a copy of the whole store in the folder `path`, which must not exist. The copy is a data folder
    /// of its own, consistent as of one commit. Files are hard links where the file system allows, so it is
    /// quick and small. Blocks commits meanwhile; call it off the event loop. A failed call leaves a folder
    /// without a FORMAT file, which the caller removes.
    public func checkpoint(to path: String) throws {
        try committer.gate.withLock { () throws in
            try committer.slot.read { engine in
                try Files.makeFolder(path)
                guard try Files.list(path).isEmpty else {
                    throw StoreError.notWritable(path: path, reason: "the folder is not empty")
                }
                try faults.reach(.checkpointEngine)
                try engine.checkpoint(to: "\(path)/db")
                try linkBlobs(into: "\(path)/blobs", engine)
                try Files.makeFolder("\(path)/staging")
                try faults.reach(.checkpointFormat)
                // The last step: only a complete copy has a format.
                try DataFolder.writeFormat(in: path, .none)
            }
        }
    }

    private func linkBlobs(into root: String, _ engine: Engine) throws {
        var folders = Set([root])
        try Files.makeFolder(root)
        let snapshot = Snapshot(engine)
        defer { snapshot.release() }
        try snapshot.scan(.blobs, from: [], to: nil) { key, _ in
            guard let blob = BlobID(String(decoding: key, as: UTF8.self)) else {
                throw StoreError.corrupt("blob entry with a malformed name")
            }
            let first = "\(root)/\(blob.folders.first)"
            let second = "\(first)/\(blob.folders.second)"
            for folder in [first, second] where folders.insert(folder).inserted {
                try Files.makeFolder(folder)
            }
            try faults.reach(.checkpointBlob)
            try Files.linkOrCopy(blobs.path(of: blob), "\(root)/\(blob.relativePath)")
            return true
        }
        for folder in folders { try Files.syncFolder(folder) }
    }
}
