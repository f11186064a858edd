import Net

/// The folders that are watched. The system watches what a path has led to, not the path: a folder that was replaced
/// by another one of its name has to be watched anew, which only the folder above it tells.
@EventLoop
final class WatchedFolders {
    /// With more folders than this, sources are watched in part.
    nonisolated static let most = 4_096

    /// Is told of each file or folder that was made, written, renamed or removed, by its path.
    var changed: (String) -> Void = { _ in }
    private var watches: [String: FolderWatch] = [:]
    private let limit: Int
    private let note: (String) -> Void
    private var hasComplained = false

    init(limit: Int = WatchedFolders.most, note: @escaping (String) -> Void) {
        self.limit = limit
        self.note = note
    }

    var count: Int { watches.count }

    /// Does nothing for what is watched already or is no folder.
    func watch(_ folder: String) {
        guard watches[folder] == nil, Files.isDirectory(folder) else { return }
        guard watches.count < limit else {
            return complain("more than \(limit) folders: \(folder) and others are not watched")
        }
        do {
            watches[folder] = try FolderWatch(folder) { [weak self] name in
                self?.changed(name.isEmpty ? folder : "\(folder)/\(name)")
            }
        } catch {
            complain("cannot watch \(folder): \(error)")
        }
    }

    /// One word about it, not thousands.
    private func complain(_ words: String) {
        guard !hasComplained else { return }
        hasComplained = true
        note(words)
    }

    /// A folder and all below it.
    func watchTree(_ folder: String) {
        // First, so that what comes while the folder is read is not missed.
        watch(folder)
        for child in Self.folders(in: folder) { watchTree(child) }
    }

    /// What has to be watched to see a folder go and come: the folders above it up to `root`, or the one above it
    /// when it is elsewhere.
    func watchParents(of folder: String, upTo root: String) {
        var parent = Self.parent(of: folder)
        while parent.hasPrefix(root + "/") {
            watch(parent)
            parent = Self.parent(of: parent)
        }
        if parent == root || parent == Self.parent(of: folder) { watch(parent) }
    }

    /// A folder that has gone is watched no more, nor what was below it, even if another one has come in its place.
    /// - Returns: whether it was watched.
    @discardableResult
    func forget(_ folder: String) -> Bool {
        let wasWatched = watches[folder] != nil
        for (path, watch) in watches where path == folder || path.hasPrefix(folder + "/") {
            watch.cancel()
            watches[path] = nil
        }
        return wasWatched
    }

    func forgetAll() {
        for watch in watches.values { watch.cancel() }
        watches = [:]
    }

    /// All files in a folder and below, but for what hidden folders and links hold.
    nonisolated static func files(below folder: String) -> [String] {
        let below = folders(in: folder)
        let own = Files.names(in: folder).map { "\(folder)/\($0)" }.filter { !below.contains($0) }
        return own + below.flatMap { files(below: $0) }
    }

    /// Links are not followed: they may lead to anywhere, back to where they are included.
    private nonisolated static func folders(in folder: String) -> [String] {
        Files.names(in: folder).filter { $0.first != "." }.map { "\(folder)/\($0)" }
            .filter(Files.isOwnDirectory)
    }

    private nonisolated static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
