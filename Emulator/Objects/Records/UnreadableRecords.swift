import Synchronization

/// Stored records that cannot be read. Work in the background passes them over, or one damaged record would stop it
/// for everything behind; the operator is told of each once, and `emulator verify` finds them all.
final class UnreadableRecords: Sendable {
    /// So many are remembered as told. Beyond that nothing more is told: the log says enough by then.
    private static let capacity = 1_000

    private let told = Mutex<Set<[UInt8]>>([])
    private let log: @Sendable (String) -> Void

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    /// - Parameters:
    ///   - key: where the record stands.
    ///   - what: how the message calls it, with its article.
    func report(_ key: [UInt8], _ what: String) {
        let isNew = told.withLock { told in told.count < Self.capacity && told.insert(key).inserted }
        guard isNew else { return }
        log("\(what) cannot be read and is passed over: the data is damaged, see 'emulator verify'.")
    }
}
