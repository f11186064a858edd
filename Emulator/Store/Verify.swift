/// What ``Store/verify(progress:)`` found.
public struct VerifyReport: Sendable {
    /// Number of entries in each keyspace.
    public internal(set) var entries: [Keyspace: Int] = [:]
    public internal(set) var blobCount = 0
    public internal(set) var blobBytes: Int64 = 0
    /// One sentence for each thing that is wrong; empty when all is well.
    public internal(set) var problems: [String] = []

    public var isSound: Bool { problems.isEmpty }
}

/// How far a check has come.
public struct VerifyProgress: Sendable {
    public let keyspace: Keyspace
    /// Entries of this keyspace read so far.
    public let entries: Int
}

extension Store {
    /// Reads everything with its checksums verified and compares the blob files with their entries. Works on
    /// a consistent state while the store is in use. `progress` is called every 10,000 entries and at the end
    /// of each keyspace. Problems are reported; an error means that the check itself could not go on.
    public func verify(progress: (VerifyProgress) -> Void = { _ in }) throws -> VerifyReport {
        // The gate only until the state is fixed: commits go on while everything is read.
        committer.gate.lock()
        var holdsGate = true
        defer { if holdsGate { committer.gate.unlock() } }
        return try committer.slot.read { engine in
            let snapshot = Snapshot(engine)
            defer { snapshot.release() }
            var orphans = Set(try committer.blobs.list())
            orphans.subtract(committer.blobs.inTransit.map(\.relativePath))
            committer.gate.unlock()
            holdsGate = false

            var report = VerifyReport()
            for keyspace in Keyspace.allCases {
                check(keyspace, snapshot, &report, &orphans, progress)
            }
            for path in orphans.sorted() where Files.exists("\(committer.blobs.root)/\(path)") {
                report.problems.append("file blobs/\(path) belongs to no entry")
            }
            return report
        }
    }

    private func check(
        _ keyspace: Keyspace, _ snapshot: Snapshot, _ report: inout VerifyReport,
        _ orphans: inout Set<String>, _ progress: (VerifyProgress) -> Void
    ) {
        var count = 0
        do throws(StoreError) {
            try snapshot.scanVerifying(keyspace) { key, value in
                count += 1
                if keyspace == .blobs { checkBlob(key, value, &report, &orphans) }
                if count % 10_000 == 0 { progress(VerifyProgress(keyspace: keyspace, entries: count)) }
            }
        } catch {
            report.problems.append("\(keyspace.rawValue), after \(count) entries: \(error)")
        }
        report.entries[keyspace] = count
        progress(VerifyProgress(keyspace: keyspace, entries: count))
    }

    private func checkBlob(
        _ key: [UInt8], _ value: [UInt8], _ report: inout VerifyReport, _ orphans: inout Set<String>
    ) {
        let name = String(decoding: key, as: UTF8.self)
        guard let blob = BlobID(name), let length = unsigned(bigEndian: value) else {
            report.problems.append("blob entry '\(name)' is malformed")
            return
        }
        orphans.remove(blob.relativePath)
        switch Files.length(blobs.path(of: blob)) {
        case nil: report.problems.append("blob \(name) has no file")
        case let found? where found != Int64(clamping: length):
            report.problems.append("blob \(name) has \(found) bytes instead of \(length)")
        case let found?:
            report.blobCount += 1
            report.blobBytes += found
        }
    }
}
