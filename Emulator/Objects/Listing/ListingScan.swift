import AWSProtocol
import Bytes
import Store

/// One page of a listing: keys and common prefixes in byte order.
struct ListingPage: Sendable {
    enum Entry: Sendable {
        case object(key: [UInt8], ObjectRecord)
        case commonPrefix([UInt8])

        var name: [UInt8] {
            switch self {
            case .object(let key, _): key
            case .commonPrefix(let prefix): prefix
            }
        }
    }

    var entries: [Entry] = []
    var isTruncated = false
}

/// Where a listing begins.
enum ListingStart: Sendable, Equatable {
    case beginning
    /// The first key greater than this one. When it is itself a common prefix, all keys under it are
    /// passed over, since that prefix has been listed.
    case after([UInt8])
}

/// Walks the keys of a bucket. It jumps over everything that a common prefix stands for, so that a page
/// costs what it shows and not what lies between.
struct ListingScan: Sendable {
    var bucket: String
    var prefix: [UInt8]
    /// Empty: no grouping.
    var delimiter: [UInt8]
    var start: ListingStart
    var maxKeys: Int

    func page(in reader: any Reading) throws -> ListingPage {
        var page = ListingPage()
        guard maxKeys > 0 else { return page }
        let base = StorageKeys.objectPrefix(bucket)
        let end = StorageKeys.successor(of: base + prefix)
        var from: [UInt8]? = firstKey(base)
        while let lower = from {
            from = nil
            try reader.scan(.objects, from: lower, to: end, reverse: false) { stored, value in
                if page.entries.count == maxKeys {
                    page.isTruncated = true
                    return false
                }
                let key = Array(stored[base.count...])
                if let common = commonPrefix(of: key) {
                    page.entries.append(.commonPrefix(common))
                    from = StorageKeys.successor(of: base + common)
                    return false
                }
                page.entries.append(.object(key: key, try ObjectRecord(decoding: value)))
                return true
            }
        }
        return page
    }

    private func firstKey(_ base: [UInt8]) -> [UInt8]? {
        let lowest = base + prefix
        guard case .after(let key) = start else { return lowest }
        let next: [UInt8]? =
            commonPrefix(of: key) == key ? StorageKeys.successor(of: base + key) : base + key + [0]
        guard let next else { return nil }
        return next.lexicographicallyPrecedes(lowest) ? lowest : next
    }

    /// The key up to and with the first delimiter after the prefix.
    func commonPrefix(of key: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, key.starts(with: prefix) else { return nil }
        var index = prefix.count
        while index + delimiter.count <= key.count {
            if key[index...].starts(with: delimiter) { return Array(key[..<(index + delimiter.count)]) }
            index += 1
        }
        return nil
    }
}

extension ObjectsCore {
    /// Runs a listing where it holds up nobody: a page of a thousand keys takes a millisecond.
    func listing<R: Sendable>(
        upTo maxKeys: Int, _ work: @escaping @Sendable () throws -> R
    ) async throws -> R {
        maxKeys > Self.keysBesideRequests ? try await blocking(work) : try work()
    }

    /// So few are listed quicker than handed to another thread.
    private static let keysBesideRequests = 50
}
