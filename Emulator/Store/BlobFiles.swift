import Glibc
import Synchronization

/// The blob folder, and what is under way in it.
final class BlobFiles: Sendable {
    let root: String
    let staging: String
    private let faults: FaultInjector
    private let state = Mutex(State())

    private struct State {
        /// Adopted, not yet attached by a durable commit.
        var unattached: Set<BlobID> = []
        /// Attached by a commit of which nobody knows whether it happened.
        var uncertain: Set<BlobID> = []
        /// Released by a durable commit, file not yet removed.
        var released: [BlobID] = []
        /// Released as well, but somebody reads or is about to.
        var awaited: Set<BlobID> = []
        /// How many holds each blob has.
        var holds: [BlobID: Int] = [:]
        /// Called when a hold has gone that a removal waited for.
        var onRemovable: (@Sendable () -> Void)?
        /// Folders that are being made, each with how many adoptions are at it: until they are synced, others
        /// that find them must sync them too.
        var making: [String: Int] = [:]
        /// Folders that files were removed from since they were last synced, as far as they are known.
        var removedFrom: Set<String> = []
        var hasForgottenSome = false
    }

    /// Folders that are remembered to be synced at the end.
    private static let maximumRemembered = 4_096

    init(root: String, staging: String, faults: FaultInjector) {
        self.root = root
        self.staging = staging
        self.faults = faults
    }

    func path(of blob: BlobID) -> String { "\(root)/\(blob.relativePath)" }

    // MARK: From staged file to blob

    /// Moves a staged file to its place. On return the file and its name survive a power failure.
    func adopt(_ stagedPath: String) throws(StoreError) -> BlobID {
        let blob = BlobID()
        // Before the file appears, so that a check never takes it for an orphan.
        state.withLock { _ = $0.unattached.insert(blob) }
        do {
            let descriptor = try Files.open(stagedPath, O_RDONLY)
            defer { close(descriptor) }
            try faults.reach(.blobSync)
            try Files.sync(descriptor, path: stagedPath)
            let folder = try makeFolders(for: blob)
            try faults.reach(.blobRename)
            try Files.rename(stagedPath, path(of: blob))
            try faults.reach(.blobFolderSync)
            try Files.syncFolder(folder)
            try faults.reach(.stagingFolderSync)
            try Files.syncFolder(staging)
        } catch {
            // The caller gave the file away, so nobody else removes it; on a full disk that space is needed.
            try? Files.unlink(stagedPath)
            discard(blob)
            throw error
        }
        return blob
    }

    /// Makes the folders of a blob if need be. On return they are durable, whoever made them.
    private func makeFolders(for blob: BlobID) throws(StoreError) -> String {
        let first = "\(root)/\(blob.folders.first)"
        let second = "\(first)/\(blob.folders.second)"
        if Files.isFolder(second), !isBeingMade(first), !isBeingMade(second) { return second }
        try faults.reach(.blobFolderMake)
        try make(first, in: root)
        try make(second, in: first)
        return second
    }

    private func isBeingMade(_ folder: String) -> Bool { state.withLock { $0.making[folder] != nil } }

    private func make(_ folder: String, in parent: String) throws(StoreError) {
        state.withLock { $0.making[folder, default: 0] += 1 }
        // One that exists has been synced by its maker, unless that is still at it.
        let isNew = try Files.makeFolder(folder)
        if isNew || state.withLock({ $0.making[folder] != 1 }) { try Files.syncFolder(parent) }
        // After a failure the note stays: nobody knows whether the folder is durable.
        state.withLock { state in
            let count = (state.making[folder] ?? 1) - 1
            state.making[folder] = count > 0 ? count : nil
        }
    }

    func write(_ bytes: [UInt8]) throws(StoreError) -> BlobID {
        let path = "\(staging)/\(BlobID().text)"
        do {
            let descriptor = try Files.open(path, O_WRONLY | O_CREAT | O_EXCL)
            defer { close(descriptor) }
            try faults.reach(.blobWrite)
            try Files.write(bytes, to: descriptor, path: path)
        } catch {
            try? Files.unlink(path)
            throw error
        }
        do {
            return try adopt(path)
        } catch {
            try? Files.unlink(path)
            throw error
        }
    }

    /// Removes a blob that no commit has attached, not even one that may have happened; does nothing to any
    /// other.
    func discard(_ blob: BlobID) {
        guard state.withLock({ $0.unattached.contains(blob) && !$0.uncertain.contains(blob) }) else { return }
        // If the file cannot be removed, the next unclean open will.
        try? remove(blob)
        state.withLock { _ = $0.unattached.remove(blob) }
    }

    // MARK: Called by the committer

    func noteCommitted(attached: [BlobID], released: [BlobID]) {
        if attached.isEmpty && released.isEmpty { return }
        state.withLock {
            $0.unattached.subtract(attached)
            $0.uncertain.subtract(attached)
            $0.released += released
        }
    }

    /// The write of a commit that attached these blobs has failed.
    func noteUncertain(_ attached: [BlobID]) { state.withLock { $0.uncertain.formUnion(attached) } }

    /// Whether there are released blobs that nobody holds.
    var hasRemovable: Bool { state.withLock { !$0.released.isEmpty } }

    /// Whether there are released blobs at all.
    var hasReleased: Bool { state.withLock { !$0.released.isEmpty || !$0.awaited.isEmpty } }

    /// Removes files of released blobs.
    /// - Returns: whether it stopped only because of `limit`.
    func removeReleased(atMost limit: Int) -> Bool {
        for _ in 0..<limit {
            guard let blob = nextRemovable() else { return false }
            do throws(StoreError) {
                try faults.reach(.blobUnlink)
                try remove(blob)
            } catch {
                // It stays listed and is tried again.
                return false
            }
            state.withLock { state in
                // Others may have come behind it.
                if let place = state.released.lastIndex(of: blob) { state.released.remove(at: place) }
            }
        }
        return hasRemovable
    }

    /// The last listed, so that taking it off is cheap; it stays listed while its file is there.
    private func nextRemovable() -> BlobID? {
        state.withLock { state in
            while let blob = state.released.last {
                guard state.holds[blob] != nil else { return blob }
                state.released.removeLast()
                state.awaited.insert(blob)
            }
            return nil
        }
    }

    /// At the end: nobody's hold counts any more.
    func removeAllReleased() {
        state.withLock { state in
            state.released += state.awaited
            state.awaited = []
            state.holds = [:]
        }
        while removeReleased(atMost: 1_024) {}
    }

    // MARK: Holds

    func hold(_ blobs: [BlobID]) {
        state.withLock { state in
            for blob in blobs { state.holds[blob, default: 0] += 1 }
        }
    }

    func letGo(_ blobs: [BlobID]) {
        let onRemovable = state.withLock { state -> (@Sendable () -> Void)? in
            var isAwaited = false
            for blob in blobs {
                guard let count = state.holds[blob] else { continue }
                state.holds[blob] = count > 1 ? count - 1 : nil
                guard count == 1, state.awaited.remove(blob) != nil else { continue }
                state.released.append(blob)
                isAwaited = true
            }
            return isAwaited ? state.onRemovable : nil
        }
        onRemovable?()
    }

    func whenRemovable(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRemovable = action }
    }

    func removeUnattached() {
        for blob in state.withLock({ $0.unattached }) { discard(blob) }
    }

    private func remove(_ blob: BlobID) throws(StoreError) {
        try remove(blob.relativePath)
    }

    /// - Parameter path: relative to the root.
    private func remove(_ path: String) throws(StoreError) {
        try Files.unlink("\(root)/\(path)")
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        state.withLock { state in
            if state.removedFrom.count < Self.maximumRemembered {
                state.removedFrom.insert("\(root)/\(folder)")
            } else {
                state.hasForgottenSome = true
            }
        }
    }

    /// Makes the removals durable: after a clean end nobody looks for files that have come back.
    /// - Returns: false when there were too many to know.
    func syncRemovals() throws(StoreError) -> Bool {
        let (folders, isComplete) = state.withLock { ($0.removedFrom, !$0.hasForgottenSome) }
        guard isComplete else { return false }
        for folder in folders where Files.isFolder(folder) { try Files.syncFolder(folder) }
        state.withLock { $0.removedFrom.subtract(folders) }
        return true
    }

    // MARK: What is there

    func isLive(_ blob: BlobID, in engine: Engine) throws(StoreError) -> Bool {
        try engine.get(engine.family(.blobs), Array(blob.text.utf8)) != nil
    }

    /// Visits the paths of all blob files, relative to the root, folder by folder.
    func visitFiles(_ body: (_ path: String) throws(StoreError) -> Void) throws(StoreError) {
        for first in try Files.list(root).sorted() {
            for second in try Files.list("\(root)/\(first)").sorted() {
                for name in try Files.list("\(root)/\(first)/\(second)").sorted() {
                    try body("\(first)/\(second)/\(name)")
                }
            }
        }
    }

    /// Blobs whose files may lie there without an entry at this moment.
    var inTransit: Set<BlobID> { state.withLock { $0.unattached.union($0.released).union($0.awaited) } }

    /// After a crash: removes blobs that no commit has attached, and syncs folders that may just have been made.
    func recover(_ engine: Engine) throws(StoreError) {
        for first in try Files.list(root) { try Files.syncFolder("\(root)/\(first)") }
        try Files.syncFolder(root)
        try visitFiles { path throws(StoreError) in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if let blob = BlobID(name), blob.relativePath == path, try isLive(blob, in: engine) { return }
            try faults.reach(.orphanSweep)
            try remove(path)
        }
    }

    func emptyStaging() throws(StoreError) {
        for name in try Files.list(staging) {
            try faults.reach(.stagingSweep)
            try Files.unlink("\(staging)/\(name)")
        }
    }
}
