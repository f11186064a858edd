import Store

/// One page of a listing of uploads: by key, then by the time they began.
struct UploadPage: Sendable {
    enum Entry: Sendable {
        case upload(UploadRecord)
        case commonPrefix([UInt8])
    }

    var entries: [Entry] = []
    var isTruncated = false

    /// The key and identifier of the last upload, or the last common prefix.
    var last: (key: [UInt8], id: String) {
        switch entries.last {
        case .upload(let upload): (upload.key, upload.id)
        case .commonPrefix(let prefix): (prefix, "")
        case nil: ([], "")
        }
    }
}

/// Walks the uploads of a bucket that are neither completed nor aborted, jumping over common prefixes.
struct UploadScan: Sendable {
    /// What is listed, and how it is grouped.
    var listing: ListingScan
    /// Empty: from the beginning.
    var keyMarker: [UInt8]
    /// Empty: behind all uploads of the marker's key.
    var idMarker: String

    func page(in reader: any Reading) throws -> UploadPage {
        var page = UploadPage()
        guard listing.maxKeys > 0 else { return page }
        let base = StorageKeys.uploadPrefix(listing.bucket)
        let end = StorageKeys.successor(of: base + listing.prefix)
        var from = start(base)
        while let lower = from {
            from = nil
            try reader.scan(.objects, from: lower, to: end, reverse: false) { _, value in
                if page.entries.count == listing.maxKeys {
                    page.isTruncated = true
                    return false
                }
                let upload = try UploadRecord(decoding: value)
                if let common = listing.commonPrefix(of: upload.key) {
                    page.entries.append(.commonPrefix(common))
                    from = StorageKeys.successor(of: base + common)
                    return false
                }
                page.entries.append(.upload(upload))
                return true
            }
        }
        return page
    }

    private func start(_ base: [UInt8]) -> [UInt8]? {
        let lowest = base + listing.prefix
        guard !keyMarker.isEmpty else { return lowest }
        let next: [UInt8]?
        if listing.commonPrefix(of: keyMarker) == keyMarker {
            next = StorageKeys.successor(of: base + keyMarker)
        } else if idMarker.isEmpty {
            next = base + keyMarker + [1]
        } else {
            next = base + keyMarker + [0] + idMarker.utf8 + [0]
        }
        guard let next else { return nil }
        return next.lexicographicallyPrecedes(lowest) ? lowest : next
    }
}
