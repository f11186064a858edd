import Bytes
import CZlib

/// Writes a PNG file (ISO/IEC 15948): truecolour, eight bits, no interlace.
enum PNGEncoder {
    static func encode(_ canvas: Canvas) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        var header: [UInt8] = []
        ByteOrder.append(UInt32(canvas.width), to: &header)
        ByteOrder.append(UInt32(canvas.height), to: &header)
        header += [8, 2, 0, 0, 0]
        append("IHDR", header, to: &file)
        append("tEXt", Array("Software\u{0}mumble offline painter".utf8), to: &file)
        append("IDAT", deflate(filtered(canvas)), to: &file)
        append("IEND", [], to: &file)
        return file
    }

    /// Filter 2 (Up): gradients become runs of equal bytes.
    private static func filtered(_ canvas: Canvas) -> [UInt8] {
        let stride = canvas.width * 3
        var result: [UInt8] = []
        result.reserveCapacity((stride + 1) * canvas.height)
        for row in 0..<canvas.height {
            result.append(2)
            let start = row * stride
            for index in start..<start + stride {
                result.append(canvas.pixels[index] &- (row == 0 ? 0 : canvas.pixels[index - stride]))
            }
        }
        return result
    }

    private static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            // The buffer has the size that zlib asks for, so the call cannot fail for lack of room.
            let status = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), 4)
            precondition(status == Z_OK, "zlib: \(status)")
            count = Int(length)
        }
    }

    private static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
        let body = Array(type.utf8) + data
        ByteOrder.append(UInt32(data.count), to: &file)
        file += body
        ByteOrder.append(UInt32(truncatingIfNeeded: crc32(0, body, uInt(body.count))), to: &file)
    }
}
