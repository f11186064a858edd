/// Bytes that are put together from many small pieces. Appending to an Array asks at each piece whether anybody else
/// holds the array and in which generic way the piece is to be copied: ten times the work of copying it.
public struct ByteBuffer: ~Copyable {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0

    /// - Parameter capacity: bytes that are held without growing; 1 or more.
    @inlinable
    public init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { start.deallocate() }

    @inlinable public var count: Int { used }

    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if capacity - used < bytes.count { grow(by: bytes.count) }
        (start + used).copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
    }

    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        if used == capacity { grow(by: 1) }
        start.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used += 1
    }

    /// The text's UTF-8.
    @inlinable
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Takes the last bytes away.
    @inlinable
    public mutating func removeLast(_ count: Int = 1) { used -= min(count, used) }

    @inlinable
    public mutating func removeAll() { used = 0 }

    /// What is there, in the order it came.
    @inlinable
    public borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: start, count: used))
    }

    public var array: [UInt8] { withBytes { Array($0) } }

    @usableFromInline
    @inline(never)
    mutating func grow(by count: Int) {
        let larger = max(2 * capacity, used + count)
        let room = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        room.copyMemory(from: start, byteCount: used)
        start.deallocate()
        start = room
        capacity = larger
    }
}
