import Glibc
import Synchronization

/// Every step at which a crash leaves something half done. Each is reached immediately before the step it
/// names, except `commitAcknowledge`, which lies between the sync and the answers.
public enum FaultPoint: String, CaseIterable, Sendable {
    case formatWrite, formatSync, formatRename, folderSync
    case cleanMarkerRemove, stagingSweep, engineOpen, orphanSweep
    case blobWrite, blobSync, blobFolderMake, blobRename, blobFolderSync, stagingFolderSync
    case commitWrite, commitAcknowledge, blobUnlink
    case engineReopen
    case engineClose, cleanMarkerWrite
    case checkpointEngine, checkpointBlob, checkpointFormat
    case folderCopyFile, folderCopySync, folderExchange, folderExchangeSync
}

/// Runs at each ``FaultPoint``; tests use it to fail or to die exactly there.
public struct FaultInjector: Sendable {
    private let action: (@Sendable (FaultPoint) throws(StoreError) -> Void)?

    /// Does nothing: the injector of a real run.
    public static let none = FaultInjector(action: nil)

    private init(action: (@Sendable (FaultPoint) throws(StoreError) -> Void)?) { self.action = action }

    /// Calls `action` at every point, on the thread that reaches it.
    public init(_ action: @escaping @Sendable (FaultPoint) throws(StoreError) -> Void) {
        self.action = action
    }

    /// Kills this process with SIGKILL when `point` is reached for the `occurrence`-th time (from 1).
    public static func kill(at point: FaultPoint, occurrence: Int = 1) -> FaultInjector {
        counting(point, occurrence) { () throws(StoreError) in _ = Glibc.kill(getpid(), SIGKILL) }
    }

    /// Throws ``StoreError/injected(_:)`` when `point` is reached for the `occurrence`-th time (from 1).
    public static func fail(at point: FaultPoint, occurrence: Int = 1) -> FaultInjector {
        counting(point, occurrence) { () throws(StoreError) in throw .injected(point) }
    }

    private static func counting(
        _ point: FaultPoint, _ occurrence: Int, _ action: @escaping @Sendable () throws(StoreError) -> Void
    ) -> FaultInjector {
        let reached = Counter()
        return FaultInjector { (current: FaultPoint) throws(StoreError) in
            guard current == point, reached.next() == occurrence else { return }
            try action()
        }
    }

    func reach(_ point: FaultPoint) throws(StoreError) {
        try action?(point)
    }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
