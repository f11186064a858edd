import CZlib

/// The gzip file format (RFC 1952), a whole body at a time.
enum Gzip {
    enum Failure: Error {
        /// Not gzip, cut short, or followed by something else.
        case malformed
        /// More than the limit when expanded.
        case tooLong
    }

    /// zlib's largest window, plus its mark for a gzip wrapper.
    private static let windowBits: Int32 = 15 + 16
    /// The answers are JSON on a fast network: higher levels cost more time than they save.
    private static let level: Int32 = 1
    private static let memoryLevel: Int32 = 8

    /// Nil when zlib has no memory, or the body is beyond its 4 GiB.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard let count = uInt(exactly: bytes.count),
            deflateInit2_(
                &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
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

    /// The content of one gzip member or several in a row, at most `limit` bytes. Takes no more memory than
    /// that and one buffer, whatever the input promises.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard let count = uInt(exactly: bytes.count),
            inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw .malformed }
        defer { inflateEnd(&stream) }
        return try bytes.withUnsafeBufferPointer { input throws(Failure) in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = count
            return try inflated(&stream, limit: limit)
        }
    }

    private static let bufferBytes = 65_536

    private static func inflated(_ stream: inout z_stream, limit: Int) throws(Failure) -> [UInt8] {
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
                if stream.avail_in == 0 { return result }
                guard inflateReset(&stream) == Z_OK else { throw .malformed }
            default: throw .malformed
            }
        }
    }
}
