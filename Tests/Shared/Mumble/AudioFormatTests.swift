import Mumble
import TestSupport
import Testing

@Suite struct AudioFormatTests {
    @Test(arguments: [
        ("audio/webm;codecs=opus", AudioFormat.webm), ("video/webm", .webm), ("AUDIO/MPEG", .mp3),
        ("audio/x-wav", .wav), (" audio/wav ; x=y", .wav), ("audio/mp4", .m4a), ("audio/x-m4a", .m4a),
        ("audio/ogg; codecs=vorbis", .ogg), ("audio/flac", .flac),
    ])
    func contentTypes(_ text: String, _ format: AudioFormat) {
        #expect(AudioFormat(contentType: text) == format)
    }

    @Test(arguments: ["", "audio", "audio/", "audio/midi", "image/png", "audio/wav2", "text/audio/wav"])
    func otherContentTypes(_ text: String) { #expect(AudioFormat(contentType: text) == nil) }

    @Test func everyFormatReadsItsOwnType() {
        for format in AudioFormat.allCases { #expect(AudioFormat(contentType: format.contentType) == format) }
    }

    @Test(arguments: [
        ([0x1A, 0x45, 0xDF, 0xA3, 0x01], AudioFormat.webm), (Array("ID3".utf8) + [4, 0], .mp3),
        ([0xFF, 0xFB, 0x90, 0x00], .mp3), ([0xFF, 0xF3, 0x40, 0xC0], .mp3), (Samples.wav, .wav),
        (Array("OggS".utf8), .ogg), (Array("fLaC".utf8), .flac),
        ([0, 0, 0, 0x20] + Array("ftypM4A ".utf8), .m4a),
    ])
    func magicBytes(_ bytes: [UInt8], _ format: AudioFormat) { #expect(AudioFormat(magic: bytes) == format) }

    @Test(arguments: [
        [], [0xFF], [0xFF, 0xFB], Array("RIFF....AVI ".utf8), Array("<html>".utf8), [0xFF, 0xD8, 0xFF, 0xE0],
        [0xFF, 0xFE, 0x61, 0x00], [0xFF, 0xFF, 0xFF, 0xFF], Array("RIFF".utf8), [0x1A, 0x45, 0xDF],
    ])
    func otherBytes(_ bytes: [UInt8]) { #expect(AudioFormat(magic: bytes) == nil) }

    @Test func everyPrefixOfARealHeaderIsSafe() {
        for length in 0...Samples.wav.count {
            #expect((AudioFormat(magic: Array(Samples.wav.prefix(length))) == .wav) == (length >= 12))
        }
    }
}
