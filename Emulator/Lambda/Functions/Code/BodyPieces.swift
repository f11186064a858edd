import Glibc
import HTTPTypes

/// Reads bodies a piece at a time: zips in buckets are as large as 300 MB.
enum BodyPieces {
    private static let pieceBytes = 1 << 20

    /// Blocks.
    /// - Parameter take: gets all bytes in their order.
    static func read(
        _ body: HTTPBody, _ take: (UnsafeRawBufferPointer) throws(CodeFault) -> Void
    ) throws(CodeFault) {
        switch body {
        case .bytes(let bytes): try whole(bytes, take)
        case .spooled(let spooled): try file(spooled.path, 0, spooled.length, take)
        case .file(let open, let offset, let length): try file(open, offset, length, take)
        case .pieces(let pieced):
            for piece in pieced.pieces {
                switch piece {
                case .bytes(let bytes): try whole(bytes, take)
                case .file(let path, let offset, let length): try file(path, offset, length, take)
                }
            }
        case .stream: throw .machine("a body that is still being made cannot be unpacked")
        }
    }

    private static func whole(
        _ bytes: [UInt8], _ take: (UnsafeRawBufferPointer) throws(CodeFault) -> Void
    ) throws(CodeFault) {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, CodeFault> in
            do throws(CodeFault) {
                return .success(try take(bytes))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func file(
        _ path: String, _ offset: Int64, _ length: Int64,
        _ take: (UnsafeRawBufferPointer) throws(CodeFault) -> Void
    ) throws(CodeFault) {
        let open: OpenFile
        do {
            open = try OpenFile(reading: path)
        } catch {
            throw .machine("\(path): \(error)")
        }
        try file(open, offset, length, take)
    }

    private static func file(
        _ open: OpenFile, _ offset: Int64, _ length: Int64,
        _ take: (UnsafeRawBufferPointer) throws(CodeFault) -> Void
    ) throws(CodeFault) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < length {
            let wanted = min(Int64(buffer.count), length - done)
            let count = pread(open.descriptor, buffer.baseAddress, Int(wanted), off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .machine("a file ends before its body: \(String(cString: strerror(errno)))")
            }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += Int64(count)
        }
    }
}
