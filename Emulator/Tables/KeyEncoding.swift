import Bytes
import Expressions
import Glibc

/// How items and index entries are named in the store.
///
/// An item: table id (4 bytes), hash of the partition key (8), partition key, sort key. So a partition is
/// contiguous and sorted, scans go by hash as AWS's do, and a scan segment is a range of hashes.
/// An index entry: index id, hash, index key, then the item's own keys, which make it unique; its value is
/// the key of the item. Index ids and table ids come from one counter and lie in different keyspaces.
package enum KeyEncoding {
    /// Index entries of expiry times have this in place of an index id.
    static let expiryID: UInt32 = 0

    static let hashOffset = 4
    package static let keyOffset = 12

    static func prefix(_ id: UInt32) -> [UInt8] {
        [UInt8(id >> 24), UInt8(id >> 16 & 0xFF), UInt8(id >> 8 & 0xFF), UInt8(id & 0xFF)]
    }

    static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Order-preserving, and never the beginning of another: strings and binaries end in 00 01, and a zero
    /// byte inside becomes 00 FF.
    package static func append(_ value: AttributeValue, to bytes: inout [UInt8]) {
        switch value {
        case .s(let text):
            appendEscaped(text, to: &bytes)
            bytes.append(0)
            bytes.append(1)
        case .b(let content):
            content.withUnsafeBytes { appendEscaped($0, to: &bytes) }
            bytes.append(0)
            bytes.append(1)
        case .n(let number): number.appendOrderedKey(to: &bytes)
        default: preconditionFailure("a key attribute was not checked for its type")
        }
    }

    /// The bytes that the keys of all values beginning with this one begin with.
    package static func appendPrefix(_ value: AttributeValue, to bytes: inout [UInt8]) {
        switch value {
        case .s(let text): appendEscaped(text, to: &bytes)
        case .b(let content): content.withUnsafeBytes { appendEscaped($0, to: &bytes) }
        default: preconditionFailure("begins_with was not checked for its type")
        }
    }

    private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0), to: &bytes) }
    }

    private static func appendEscaped(_ content: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        guard let start = content.baseAddress else { return }
        // Nearly no key has a zero byte.
        guard memchr(start, 0, content.count) != nil else { return bytes.append(contentsOf: content) }
        for byte in content {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xFF) }
        }
    }

    /// FNV-1a with a final mix, so that neighbouring keys land far apart and segments fill evenly.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 33
        hash = hash &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        hash = hash &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }

    /// Prefix, hash and partition key: what all keys of one partition begin with.
    package static func partition(_ id: UInt32, _ values: [AttributeValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        bytes.append(contentsOf: repeatElement(0, count: keyOffset))
        for value in values { append(value, to: &bytes) }
        bytes.withUnsafeMutableBytes { bytes in
            let hash = hash(UnsafeRawBufferPointer(rebasing: bytes[keyOffset...]))
            bytes.storeBytes(of: id.bigEndian, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: hash.bigEndian, toByteOffset: hashOffset, as: UInt64.self)
        }
        return bytes
    }

    /// The key of the item with these (checked) key attributes.
    static func itemKey(_ table: Table, _ item: Item) -> [UInt8] {
        guard let hash = item[table.hashKey.name] else {
            preconditionFailure("an item was not checked for its key")
        }
        var bytes = partition(table.id, [hash])
        if let range = table.rangeKey, let value = item[range.name] { append(value, to: &bytes) }
        return bytes
    }

    /// An item that was there before the index may hold there what no write is allowed to put there now.
    private static func indexable(_ value: AttributeValue?, _ attribute: KeyAttribute) -> AttributeValue? {
        guard let value, value.type == attribute.type, value.size > 0 else { return nil }
        return value
    }

    /// The key of an item's entry, nil when the item lacks an attribute of the index key, or has it in a form
    /// that no key may have.
    static func entryKey(_ index: TableIndex, _ item: Item, itemKey: [UInt8]) -> [UInt8]? {
        var hash: [AttributeValue] = []
        var (hashBytes, rangeBytes) = (0, 0)
        for attribute in index.keys.hash {
            guard let value = indexable(item[attribute.name], attribute) else { return nil }
            hash.append(value)
            hashBytes += value.size
        }
        var bytes = partition(index.id, hash)
        for attribute in index.keys.range {
            guard let value = indexable(item[attribute.name], attribute) else { return nil }
            append(value, to: &bytes)
            rangeBytes += value.size
        }
        guard hashBytes <= Table.maximumHashBytes, rangeBytes <= Table.maximumRangeBytes else { return nil }
        bytes.append(contentsOf: itemKey[keyOffset...])
        return bytes
    }

    /// The least key after all that begin with these bytes; nil when there is none.
    package static func successor(ofPrefix bytes: [UInt8]) -> [UInt8]? {
        var result = bytes
        while let last = result.popLast() {
            if last < 0xFF {
                result.append(last + 1)
                return result
            }
        }
        return nil
    }

    /// The keys of one segment of a parallel scan.
    static func segment(_ id: UInt32, _ segment: Int, of total: Int) -> (from: [UInt8], to: [UInt8]?) {
        func bound(_ position: Int) -> [UInt8]? {
            guard position < total else { return successor(ofPrefix: prefix(id)) }
            var bytes = prefix(id)
            let (quotient, _) = UInt64(total).dividingFullWidth((UInt64(position), 0))
            append(quotient, to: &bytes)
            return bytes
        }
        return (bound(segment) ?? prefix(id), bound(segment + 1))
    }

    /// What the entries of a table's expiry times begin with.
    static func expiryPrefix(_ table: Table) -> [UInt8] { prefix(expiryID) + prefix(table.id) }

    /// Entry that lets the sweep find an expired item.
    static func expiryKey(_ table: Table, seconds: Int64, itemKey: [UInt8]) -> [UInt8] {
        expiryKey(table, seconds: seconds) + itemKey
    }

    static func expiryKey(_ table: Table, seconds: Int64) -> [UInt8] {
        var bytes = expiryPrefix(table)
        append(UInt64(max(0, seconds)), to: &bytes)
        return bytes
    }
    static let expiryKeyLength = 16
}
