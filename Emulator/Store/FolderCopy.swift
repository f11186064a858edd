import Glibc

/// Copies and exchanges of whole data folders, for snapshots. No store may be open on them.
extension Store {
    /// Makes a copy of a data folder in `target`, which must not exist. Files that never change become hard
    /// links where the file system allows, so it is quick and small. A failed call leaves a folder without a
    /// FORMAT file, which the caller removes.
    public static func copyFolder(
        _ source: String, to target: String, faults: FaultInjector = .none
    ) throws(StoreError) {
        let (old, new) = (DataFolder(source), DataFolder(target))
        guard Files.exists("\(source)/FORMAT"), Files.exists("\(old.database)/CURRENT"),
            Files.isFolder(old.blobs)
        else { throw .corrupt("\(source) is not a complete data folder") }
        try old.checkFormat()
        for folder in [target, new.database, new.blobs, new.staging] { try Files.makeFolder(folder) }
        for name in try Files.list(old.database) where name != "LOCK" {
            try faults.reach(.folderCopyFile)
            // RocksDB appends to its other files; a table is never written again.
            let isTable = name.hasSuffix(".sst")
            let (from, to) = ("\(old.database)/\(name)", "\(new.database)/\(name)")
            if isTable { try Files.linkOrCopy(from, to) } else { try Files.copy(from, to) }
        }
        try linkTree(old.blobs, new.blobs, depth: 2, faults)
        try faults.reach(.folderCopySync)
        for folder in [new.database, new.blobs] { try Files.syncFolder(folder) }
        try DataFolder.writeFormat(in: target, faults)
    }

    private static func linkTree(
        _ source: String, _ target: String, depth: Int, _ faults: FaultInjector
    ) throws(StoreError) {
        for name in try Files.list(source) {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            if depth > 0, Files.isFolder(from) {
                try Files.makeFolder(to)
                try linkTree(from, to, depth: depth - 1, faults)
                try Files.syncFolder(to)
            } else {
                try faults.reach(.folderCopyFile)
                try Files.linkOrCopy(from, to)
            }
        }
    }

    /// Exchanges the data folder `current` with another one in one step; after a crash either the old or the
    /// new state is there, whole. Both must lie in the same folder.
    /// - Throws: ``StoreError/locked(path:)`` when a process uses `current`.
    public static func exchangeFolder(
        _ current: String, with replacement: String, faults: FaultInjector = .none
    ) throws(StoreError) {
        let lock = try Files.open("\(current)/LOCK", O_RDWR | O_CREAT)
        // Held over the exchange, so that nobody opens the old state meanwhile and has it taken away.
        defer {
            flock(lock, LOCK_UN)
            Glibc.close(lock)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw .locked(path: current) }
        try faults.reach(.folderExchange)
        try Files.exchange(current, replacement)
        do throws(StoreError) {
            try faults.reach(.folderExchangeSync)
            try Files.syncFolder("\(current)/..")
        } catch {
            // Failed means not exchanged.
            try Files.exchange(current, replacement)
            throw error
        }
    }
}
