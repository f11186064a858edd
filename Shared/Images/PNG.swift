import CImages

/// Why a picture could not be read or written.
public enum ImageError: Error, Equatable, CustomStringConvertible {
    /// The bytes are not a readable PNG; the text is libpng's own reason.
    case undecodable(String)
    /// A side is longer than ``PNG/maxSide``.
    case tooLarge(width: Int, height: Int)
    case invalidSize(Int)
    case unencodable(String)

    public var description: String {
        switch self {
        case .undecodable(let reason): "not a readable PNG: \(reason)"
        case .tooLarge(let width, let height):
            "picture of \(width)x\(height) pixels exceeds \(PNG.maxSide)x\(PNG.maxSide)"
        case .invalidSize(let side): "thumbnail side \(side) is outside 1...\(PNG.maxSide)"
        case .unencodable(let reason): "cannot encode the PNG: \(reason)"
        }
    }
}

/// PNG (W3C PNG specification) size and thumbnails; any bytes are safe as input.
public enum PNG {
    /// The longest accepted side in pixels: 64 MiB once decoded.
    public static let maxSide = 4096

    /// Width and height in pixels, from the header alone.
    public static func size(_ png: [UInt8]) throws(ImageError) -> (width: Int, height: Int) {
        var width: UInt32 = 0
        var height: UInt32 = 0
        var message = MessageBuffer()
        guard cimages_png_size(png, png.count, &width, &height, &message.bytes) == 1 else {
            throw .undecodable(message.text)
        }
        // Checked before anything is decoded, so that a small file cannot ask for gigabytes.
        guard width <= maxSide, height <= maxSide else {
            throw .tooLarge(width: Int(width), height: Int(height))
        }
        return (Int(width), Int(height))
    }

    /// A PNG whose longer side has at most `maxSide` pixels (1...4096), with the proportions kept.
    /// A picture that already fits is encoded again at its own size, which also drops its metadata.
    public static func thumbnail(of png: [UInt8], maxSide: Int) throws(ImageError) -> [UInt8] {
        guard maxSide >= 1, maxSide <= Self.maxSide else { throw .invalidSize(maxSide) }
        let full = try decode(png)
        return try encode(full.fitted(into: maxSide))
    }

    static func decode(_ png: [UInt8]) throws(ImageError) -> Pixels {
        let (width, height) = try size(png)
        var message = MessageBuffer()
        var rgba = [UInt8](repeating: 0, count: width * height * 4)
        guard cimages_png_decode(png, png.count, &rgba, rgba.count, &message.bytes) == 1 else {
            throw .undecodable(message.text)
        }
        return Pixels(width: width, height: height, rgba: rgba)
    }

    static func encode(_ picture: Pixels) throws(ImageError) -> [UInt8] {
        var message = MessageBuffer()
        let width = UInt32(picture.width)
        let height = UInt32(picture.height)
        let capacity = cimages_png_encoded_bound(width, height)
        let png = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = cimages_png_encode(
                picture.rgba, width, height, buffer.baseAddress, capacity, &message.bytes)
        }
        guard !png.isEmpty else { throw .unencodable(message.text) }
        return png
    }
}

/// Where the C side leaves its reason, NUL-terminated.
private struct MessageBuffer {
    var bytes = [CChar](repeating: 0, count: 64)

    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
