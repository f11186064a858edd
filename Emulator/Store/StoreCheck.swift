/// One named rule that a service keeps about what it stores. ``Store/verify(checks:progress:)`` applies it to a
/// fixed state, so a rule may compare records with each other. It reads entry by entry and keeps nothing that
/// grows with their number.
public struct StoreCheck: Sendable {
    /// Lower-case words with hyphens, for example `table-items`.
    public let name: String
    let body: @Sendable (Snapshot, CheckRun) throws -> Void

    /// - Parameter body: reads what the rule is about and reports every fault to the run. What it throws counts
    ///   as a fault too.
    public init(_ name: String, _ body: @escaping @Sendable (Snapshot, CheckRun) throws -> Void) {
        self.name = name
        self.body = body
    }
}

/// What one check has seen so far. Used on one thread, and only while the check runs.
public final class CheckRun {
    /// Faults that are kept word for word; further ones are only counted.
    public static let maximumKept = 100
    static let progressInterval = 10_000

    public let name: String
    /// For checks that read blobs; a blob that the snapshot shows can always be opened.
    public let blobs: BlobStore
    public private(set) var entries = 0
    public private(set) var faultCount = 0
    private(set) var faults: [String] = []
    private let progress: (VerifyProgress) -> Void

    init(_ name: String, _ blobs: BlobStore, _ progress: @escaping (VerifyProgress) -> Void) {
        self.name = name
        self.blobs = blobs
        self.progress = progress
    }

    /// Notes that one more entry has been read.
    public func count() {
        entries += 1
        if entries % Self.progressInterval == 0 { report() }
    }

    /// - Parameter text: what is wrong, in plain words.
    public func fault(_ text: @autoclosure () -> String) {
        faultCount += 1
        if faults.count < Self.maximumKept { faults.append(text()) }
    }

    func report() { progress(VerifyProgress(check: name, entries: entries)) }

    var result: CheckResult {
        CheckResult(name: name, entries: entries, faultCount: faultCount, faults: faults)
    }
}

/// What one check found.
public struct CheckResult: Sendable {
    public let name: String
    /// Entries read.
    public let entries: Int
    public let faultCount: Int
    /// One sentence for each of the first ``CheckRun/maximumKept`` faults.
    public let faults: [String]
}
