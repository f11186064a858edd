/// What ``Store/verify(checks:progress:)`` found.
public struct VerifyReport: Sendable {
    /// Number of entries in each keyspace.
    public internal(set) var entries: [Keyspace: Int] = [:]
    public internal(set) var blobCount = 0
    public internal(set) var blobBytes: Int64 = 0
    /// One result for each check, in the order in which they ran: the store's own first.
    public internal(set) var checks: [CheckResult] = []

    public var faultCount: Int { checks.reduce(0) { $0 + $1.faultCount } }
    public var isSound: Bool { faultCount == 0 }

    /// One sentence for each thing that is wrong; empty when all is well.
    public var problems: [String] {
        checks.flatMap { check in
            check.faults.map { "\(check.name): \($0)" }
                + (check.faultCount > check.faults.count
                    ? ["\(check.name): \(check.faultCount - check.faults.count) more faults"] : [])
        }
    }
}

/// How far a check has come.
public struct VerifyProgress: Sendable {
    public let check: String
    /// Entries read so far.
    public let entries: Int
}

extension Store {
    /// Reads everything with its checksums verified, compares the blob files with their entries, then applies
    /// the services' own checks. Works on a consistent state while the store is in use, in memory that does
    /// not grow with what is stored. `progress` is called every 10,000 entries and at the end of each check.
    /// Problems are reported; an error means that the checks themselves could not go on.
    public func verify(
        checks: [StoreCheck] = [], progress: @escaping (VerifyProgress) -> Void = { _ in }
    ) throws -> VerifyReport {
        // The gate only until the state is fixed: commits go on while everything is read.
        committer.gate.lock()
        var holdsGate = true
        defer { if holdsGate { committer.gate.unlock() } }
        return try committer.slot.read { engine in
            let snapshot = Snapshot(engine)
            defer { snapshot.release() }
            let inTransit = committer.blobs.inTransit
            committer.gate.unlock()
            holdsGate = false

            var report = VerifyReport()
            for keyspace in Keyspace.allCases {
                let run = CheckRun("stored-\(keyspace.rawValue)", blobs, progress)
                check(keyspace, snapshot, run, &report)
                report.entries[keyspace] = run.entries
                report.checks.append(run.result)
            }
            let files = CheckRun("blob-files", blobs, progress)
            try findOrphans(engine, snapshot, files, inTransit)
            report.checks.append(files.result)
            for check in checks {
                let run = CheckRun(check.name, blobs, progress)
                do { try check.body(snapshot, run) } catch {
                    run.fault("stopped after \(run.entries) entries: \(error)")
                }
                run.report()
                report.checks.append(run.result)
            }
            return report
        }
    }

    private func check(
        _ keyspace: Keyspace, _ snapshot: Snapshot, _ run: CheckRun, _ report: inout VerifyReport
    ) {
        do throws(StoreError) {
            try snapshot.scanVerifying(keyspace) { key, value in
                run.count()
                if keyspace == .blobs { checkBlob(key, value, run, &report) }
            }
        } catch {
            run.fault("after \(run.entries) entries: \(error)")
        }
        run.report()
    }

    private func checkBlob(_ key: [UInt8], _ value: [UInt8], _ run: CheckRun, _ report: inout VerifyReport) {
        let name = String(decoding: key, as: UTF8.self)
        guard let blob = BlobID(name), let length = unsigned(bigEndian: value) else {
            return run.fault("blob entry '\(name)' is malformed")
        }
        switch Files.length(blobs.path(of: blob)) {
        case nil: run.fault("blob \(name) has no file")
        case let found? where found != Int64(clamping: length):
            run.fault("blob \(name) has \(found) bytes instead of \(length)")
        case let found?:
            report.blobCount += 1
            report.blobBytes += found
        }
    }

    /// - Parameter inTransit: blobs that had no entry, or no longer one, when the state was fixed.
    private func findOrphans(
        _ engine: Engine, _ snapshot: Snapshot, _ run: CheckRun, _ inTransit: Set<BlobID>
    ) throws(StoreError) {
        let files = committer.blobs
        try files.visitFiles { path throws(StoreError) in
            run.count()
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if let blob = BlobID(name), blob.relativePath == path {
                if inTransit.contains(blob) { return }
                if try snapshot.get(.blobs, Array(name.utf8)) != nil { return }
                // It may have appeared since; on its way from one of these states to the next it is in both.
                if files.inTransit.contains(blob) { return }
                if try files.isLive(blob, in: engine) { return }
                if files.inTransit.contains(blob) { return }
            }
            if Files.exists("\(files.root)/\(path)") { run.fault("file blobs/\(path) belongs to no entry") }
        }
        run.report()
    }
}
