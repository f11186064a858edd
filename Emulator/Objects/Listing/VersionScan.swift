import AWSProtocol
import Bytes
import Store

/// One page of a listing of versions: keys in byte order, each key's versions newest first.
struct VersionPage: Sendable {
    enum Entry: Sendable {
        case version(key: [UInt8], ObjectRecord, isLatest: Bool)
        case commonPrefix([UInt8])
    }

    var entries: [Entry] = []
    var isTruncated = false
}

/// Where a listing of versions begins.
enum VersionStart: Sendable, Equatable {
    case beginning
    /// Behind all versions of this key; behind all keys under it, when it is itself a common prefix.
    case afterKey([UInt8])
    /// Behind this version of the key.
    case afterVersion([UInt8], VersionID)
}

/// Walks current objects and the versions aside at once. Like ``ListingScan`` it jumps over everything that a
/// common prefix stands for.
struct VersionScan: Sendable {
    /// What is listed, and how it is grouped.
    var listing: ListingScan
    var start: VersionStart

    func page(in reader: any Reading) throws -> VersionPage {
        var page = VersionPage()
        guard listing.maxKeys > 0 else { return page }
        var (objects, aside) = try cursors(in: reader)
        var lastKey: [UInt8]?
        while true {
            let (object, version) = (try objects.head(in: reader), try aside.head(in: reader))
            guard let key = Self.smaller(object?.key, version?.key) else { return page }
            if page.entries.count == listing.maxKeys {
                page.isTruncated = true
                return page
            }
            if let common = listing.commonPrefix(of: key) {
                page.entries.append(.commonPrefix(common))
                objects.skip(prefix: common)
                aside.skip(prefix: common)
                continue
            }
            // The current object is newer than all that stands aside.
            if let object, object.key == key {
                page.entries.append(.version(key: key, object.record, isLatest: true))
                objects.advance()
            } else if let version {
                let isLatest = lastKey != key && !isCurrent(key)
                page.entries.append(.version(key: key, version.record, isLatest: isLatest))
                aside.advance()
            }
            lastKey = key
        }
    }

    /// Whether newer versions of the key were on an earlier page.
    private func isCurrent(_ key: [UInt8]) -> Bool {
        if case .afterVersion(key, _) = start { return true }
        return false
    }

    private static func smaller(_ a: [UInt8]?, _ b: [UInt8]?) -> [UInt8]? {
        guard let a, let b else { return a ?? b }
        return b.lexicographicallyPrecedes(a) ? b : a
    }

    private func cursors(in reader: any Reading) throws -> (objects: VersionCursor, aside: VersionCursor) {
        var objects = VersionCursor(
            base: StorageKeys.objectPrefix(listing.bucket), prefix: listing.prefix, suffix: 0)
        var aside = VersionCursor(
            base: StorageKeys.versionPrefix(listing.bucket), prefix: listing.prefix, suffix: 9)
        switch start {
        case .beginning: break
        case .afterKey(let key):
            if listing.commonPrefix(of: key) == key {
                objects.skip(prefix: key)
                aside.skip(prefix: key)
            } else {
                objects.skip(key: key)
                aside.skip(key: key)
            }
        case .afterVersion(let key, let version):
            let versions = Versions(bucket: listing.bucket, key: key)
            guard let order = try versions.order(of: version, in: reader) else {
                objects.skip(key: key)
                aside.skip(key: key)
                break
            }
            // What was the key's newest version may be gone meanwhile, and one below it be current.
            if let current = try versions.current(in: reader), current.order < order {
                objects.skip(to: key)
            } else {
                objects.skip(key: key)
            }
            aside.skip(to: key + [0] + ByteOrder.bytes(~order) + [0])
        }
        return (objects, aside)
    }
}

/// Reads records of one kind in ascending order, some at a time.
private struct VersionCursor {
    /// In front of each key.
    private let base: [UInt8]
    /// Bytes that stand behind each key.
    private let suffix: Int
    private let end: [UInt8]?
    /// Nil: at the end.
    private var position: [UInt8]?
    private var buffer: ArraySlice<(stored: [UInt8], value: [UInt8])> = []
    private var chunk = Self.smallestChunk

    private static let (smallestChunk, largestChunk) = (4, 256)

    init(base: [UInt8], prefix: [UInt8], suffix: Int) {
        self.base = base
        self.suffix = suffix
        position = base + prefix
        end = StorageKeys.successor(of: base + prefix)
    }

    mutating func head(in reader: any Reading) throws -> (key: [UInt8], record: ObjectRecord)? {
        if buffer.isEmpty { try fill(reader) }
        guard let first = buffer.first else { return nil }
        let key = Array(first.stored[base.count..<(first.stored.count - suffix)])
        return (key, try ObjectRecord(decoding: first.value))
    }

    mutating func advance() { buffer = buffer.dropFirst() }

    /// Passes over all keys that start so.
    mutating func skip(prefix: [UInt8]) { move(to: StorageKeys.successor(of: base + prefix)) }

    /// Passes over everything up to and with a key.
    mutating func skip(key: [UInt8]) { move(to: base + key + (suffix == 0 ? [0] : [1])) }

    /// Passes over everything in front of a place.
    mutating func skip(to place: [UInt8]) { move(to: base + place) }

    private mutating func move(to place: [UInt8]?) {
        guard let place else {
            (buffer, position) = ([], nil)
            return
        }
        buffer = buffer.drop { $0.stored.lexicographicallyPrecedes(place) }
        // Where one jump was, the next is likely: reading far ahead would be for nothing.
        if buffer.isEmpty { chunk = Self.smallestChunk }
        if let current = position, current.lexicographicallyPrecedes(place) { position = place }
    }

    /// A page that shows little reads little: the chunks grow.
    private mutating func fill(_ reader: any Reading) throws {
        guard let from = position else { return }
        var read: [(stored: [UInt8], value: [UInt8])] = []
        try reader.scan(.objects, from: from, to: end, reverse: false) { stored, value in
            read.append((stored, value))
            return read.count < chunk
        }
        position = read.count == chunk ? read.last.map { $0.stored + [0] } : nil
        chunk = min(chunk * 4, Self.largestChunk)
        buffer = read[...]
    }
}
