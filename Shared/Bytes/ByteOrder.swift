/// Big-endian integers in byte arrays: their bytes sort as the numbers do.
public enum ByteOrder {
    /// Appends `value`, most significant byte first.
    @inlinable
    public static func append<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value, to bytes: inout [UInt8]
    ) {
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            shift -= 8
        }
    }

    /// The big-endian bytes of `value`.
    @inlinable
    public static func bytes<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Value.bitWidth / 8)
        append(value, to: &bytes)
        return bytes
    }

    /// Reads a big-endian integer at `offset`; nil when fewer bytes are left than it needs.
    @inlinable
    public static func read<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, from bytes: [UInt8], at offset: Int = 0
    ) -> Value? {
        let size = Value.bitWidth / 8
        guard offset >= 0, offset <= bytes.count - size else { return nil }
        var value: Value = 0
        for index in offset..<offset + size { value = value << 8 | Value(bytes[index]) }
        return value
    }
}
