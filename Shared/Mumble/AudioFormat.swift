import Bytes

/// The recordings that the service takes.
public enum AudioFormat: String, CaseIterable, Sendable {
    case webm, mp3, wav, m4a, ogg, flac

    /// 25 MB, the limit of Whisper's transcription endpoint.
    public static let maximumBytes = 25 * 1024 * 1024

    /// For the error messages and docs.
    public static let names = "WebM, MP3, WAV, M4A, OGG or FLAC"

    public var fileExtension: String { rawValue }

    /// The media type stored with the object.
    public var contentType: String {
        switch self {
        case .webm: "audio/webm"
        case .mp3: "audio/mpeg"
        case .wav: "audio/wav"
        case .m4a: "audio/mp4"
        case .ogg: "audio/ogg"
        case .flac: "audio/flac"
        }
    }

    /// Reads a `Content-Type` value; parameters such as `;codecs=opus` are ignored. The `x-` and `video/`
    /// spellings are what browsers and phones really send for recordings.
    public init?(contentType: String) {
        switch Self.mediaType(contentType) {
        case "audio/webm", "video/webm": self = .webm
        case "audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg-3": self = .mp3
        case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave": self = .wav
        case "audio/mp4", "audio/m4a", "audio/x-m4a", "video/mp4": self = .m4a
        case "audio/ogg", "application/ogg", "video/ogg", "audio/opus": self = .ogg
        case "audio/flac", "audio/x-flac": self = .flac
        default: return nil
        }
    }

    /// Lower-case type and subtype without parameters.
    public static func mediaType(_ contentType: String) -> String {
        let type = contentType.prefix { $0 != ";" }
        let trimmed = type.drop { $0 == " " || $0 == "\t" }
        return String(trimmed.prefix { $0 != " " && $0 != "\t" }).lowercased()
    }

    /// Recognises the container by its first bytes, whatever the client calls it.
    public init?(magic bytes: [UInt8]) {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            let count = text.utf8CodeUnitCount
            guard bytes.count >= offset + count else { return false }
            return bytes[offset..<offset + count].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: count))
        }
        if has("RIFF") && has("WAVE", at: 8) {
            self = .wav
        } else if has("fLaC") {
            self = .flac
        } else if has("OggS") {
            self = .ogg
        } else if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            self = .webm  // EBML header; Matroska shares it, and decoders read both alike
        } else if has("ftyp", at: 4) {
            self = .m4a
        } else if has("ID3") || Self.isMPEGAudioFrame(bytes) {
            self = .mp3
        } else {
            return nil
        }
    }

    /// ISO/IEC 11172-3 frame header of layer III: eleven sync bits, then neither version, bit rate nor sampling
    /// rate may hold its reserved value. The sync bits alone would take UTF-16 text as well.
    private static func isMPEGAudioFrame(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0 else { return false }
        let version = (bytes[1] >> 3) & 3
        let layer = (bytes[1] >> 1) & 3
        let bitRate = bytes[2] >> 4
        let samplingRate = (bytes[2] >> 2) & 3
        return version != 1 && layer == 1 && bitRate != 15 && samplingRate != 3
    }
}

/// Object keys of recordings: `audio/{uuid}.{extension}`.
public enum AudioKey {
    public static func make(_ id: String, _ format: AudioFormat) -> String {
        "audio/\(id).\(format.fileExtension)"
    }

    /// The audio id in a key; nil for anything that `make` does not produce.
    public static func identifier(in key: String) -> String? {
        guard key.hasPrefix("audio/") else { return nil }
        let parts = key.dropFirst("audio/".count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, TextRule.isIdentifier(String(parts[0])),
            AudioFormat(rawValue: String(parts[1])) != nil
        else { return nil }
        return String(parts[0])
    }
}
