import Bytes
import Clock
import Expressions
import Store

/// One change of one item, as the change log keeps it. Streams show it, and point-in-time recovery takes it
/// back.
struct ChangeRecord: Sendable, Equatable {
    enum Origin: UInt8, Sendable {
        case user = 0
        /// The item's expiry time had come.
        case timeToLive = 1
    }

    let time: Timestamp
    let origin: Origin
    /// Where the item is stored.
    let key: [UInt8]
    /// Nil when there was no item.
    let old: Item?
    /// Nil when there is no item any more.
    let new: Item?

    private static let version: UInt8 = 1

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [Self.version, origin.rawValue]
        KeyEncoding.append(UInt64(bitPattern: time.milliseconds), to: &bytes)
        Self.append(key, to: &bytes)
        for image in [old, new] { Self.append(image?.encoded() ?? [], to: &bytes) }
        return bytes
    }

    private static func append(_ part: [UInt8], to bytes: inout [UInt8]) {
        bytes += KeyEncoding.prefix(UInt32(part.count))
        bytes += part
    }

    /// - Throws: `StoreError` when the bytes are no record.
    init(decoding bytes: [UInt8]) throws {
        let damaged = StoreError.corrupt("a record of the change log cannot be read")
        var rest = bytes[...]
        func take(_ count: Int) throws -> ArraySlice<UInt8> {
            guard rest.count >= count else { throw damaged }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func part() throws -> [UInt8] {
            let count = try take(4).reduce(0) { $0 << 8 | Int($1) }
            return Array(try take(count))
        }
        let head = Array(try take(2))
        guard head[0] == Self.version, let origin = Origin(rawValue: head[1]) else { throw damaged }
        self.origin = origin
        let milliseconds = try take(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        time = Timestamp(milliseconds: Int64(bitPattern: milliseconds))
        key = try part()
        let images = [try part(), try part()]
        old = images[0].isEmpty ? nil : try Item(decoding: images[0])
        new = images[1].isEmpty ? nil : try Item(decoding: images[1])
        guard rest.isEmpty else { throw damaged }
    }

    /// When an encoded record was made; much cheaper than all of it.
    /// - Throws: `StoreError` when the bytes are no record.
    static func time(ofEncoded bytes: [UInt8]) throws -> Timestamp {
        guard bytes.count > 10, bytes[0] == version else {
            throw StoreError.corrupt("a record of the change log cannot be read")
        }
        return Timestamp(
            milliseconds: Int64(bitPattern: bytes[2..<10].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }))
    }

    init(time: Timestamp, origin: Origin, key: [UInt8], old: Item?, new: Item?) {
        self.time = time
        self.origin = origin
        self.key = key
        self.old = old
        self.new = new
    }
}
