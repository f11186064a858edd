import CZlib

/// The gzip file format (RFC 1952) and its sibling, a whole body at a time.
enum Gzip {
    enum Failure: Error {
        /// Of another format, cut short or damaged.
        case malformed
        /// More than the limit when expanded.
        case tooLong
    }

    /// The wrappers that HTTP knows around compressed bytes (RFC 9110, section 8.4.1).
    enum Format: Sendable {
        case gzip
        /// HTTP's `deflate` (RFC 1950).
        case zlib

        /// Nil for codings other than `gzip` and `deflate`, which are in any case.
        init?(contentCoding: String) {
            switch contentCoding.lowercased() {
            case "gzip": self = .gzip
            case "deflate": self = .zlib
            default: return nil
            }
        }

        /// zlib's largest window, with its mark for a gzip wrapper.
        fileprivate var windowBits: Int32 { self == .gzip ? 15 + 16 : 15 }
    }

    /// The answers are JSON on a fast network: higher levels cost more time than they save.
    private static let level: Int32 = 1
    private static let memoryLevel: Int32 = 8

    /// Nil when zlib has no memory, or the body is beyond its 4 GiB.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard let count = uInt(exactly: bytes.count),
            deflateInit2_(
                &stream, level, Z_DEFLATED, Format.gzip.windowBits, memoryLevel, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, uLong(count)))
        var status = Z_OK
        let result = bytes.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: room) { output, written in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = count
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(clamping: room)
                status = deflate(&stream, Z_FINISH)
                written = room - Int(stream.avail_out)
            }
        }
        return status == Z_STREAM_END ? result : nil
    }

    /// The content of one gzip member or several in a row, or of one zlib stream, at most `limit` bytes. Takes no
    /// more memory than that and one buffer, whatever the input promises. What follows and is no gzip member is
    /// passed over, as AWS does.
    static func decompress(
        _ bytes: [UInt8], as format: Format = .gzip, limit: Int
    ) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard let count = uInt(exactly: bytes.count),
            inflateInit2_(&stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { throw .malformed }
        defer { inflateEnd(&stream) }
        return try bytes.withUnsafeBufferPointer { input throws(Failure) in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = count
            return try inflated(&stream, format, limit: limit)
        }
    }

    private static let bufferBytes = 65_536

    private static func inflated(
        _ stream: inout z_stream, _ format: Format, limit: Int
    ) throws(Failure) -> [UInt8] {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while true {
            let status = buffer.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return inflate(&stream, Z_NO_FLUSH)
            }
            let written = bufferBytes - Int(stream.avail_out)
            guard result.count + written <= limit else { throw .tooLong }
            result.append(contentsOf: buffer[..<written])
            switch status {
            case Z_OK: if written == 0, stream.avail_in == 0 { throw .malformed }
            case Z_STREAM_END:
                guard format == .gzip, beginsMember(stream) else { return result }
                guard inflateReset(&stream) == Z_OK else { throw .malformed }
            default: throw .malformed
            }
        }
    }

    /// Whether the rest of the input starts with the two bytes that mark a gzip member.
    private static func beginsMember(_ stream: z_stream) -> Bool {
        guard stream.avail_in >= 2, let next = stream.next_in else { return false }
        return next[0] == 0x1F && next[1] == 0x8B
    }
}
