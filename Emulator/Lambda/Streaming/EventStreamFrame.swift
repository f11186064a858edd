import Digests

/// A message of the `application/vnd.amazon.eventstream` encoding (Smithy specification, "Amazon Event Stream"):
/// lengths, a checksum of them, headers of strings, a payload, a checksum of everything.
enum EventStreamFrame {
    static func encode(event: String, contentType: String, payload: [UInt8]) -> [UInt8] {
        var headers: [UInt8] = []
        append(":event-type", event, to: &headers)
        append(":content-type", contentType, to: &headers)
        append(":message-type", "event", to: &headers)
        // Two lengths and two checksums of four bytes each.
        let total = 16 + headers.count + payload.count
        var frame: [UInt8] = []
        frame.reserveCapacity(total)
        append(UInt32(total), to: &frame)
        append(UInt32(headers.count), to: &frame)
        append(CRC32.checksum(frame), to: &frame)
        frame += headers
        frame += payload
        append(CRC32.checksum(frame), to: &frame)
        return frame
    }

    private static func append(_ name: String, _ value: String, to headers: inout [UInt8]) {
        headers.append(UInt8(name.utf8.count))
        headers += name.utf8
        // The type of strings.
        headers.append(7)
        let count = UInt16(value.utf8.count)
        headers += [UInt8(count >> 8), UInt8(count & 0xff)]
        headers += value.utf8
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
