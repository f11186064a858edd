import Seeded
import Testing

@testable import Images

@Suite struct PNGTests {
    /// A picture whose every pixel differs, so that a shifted row or swapped channel shows.
    private func gradient(_ width: Int, _ height: Int) -> Pixels {
        var rgba: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width {
                rgba += [UInt8(column * 255 / width), UInt8(row * 255 / height), 77, 255]
            }
        }
        return Pixels(width: width, height: height, rgba: rgba)
    }

    @Test func encodedPictureDecodesToTheSamePixels() throws {
        let picture = gradient(33, 17)
        let png = try PNG.encode(picture)
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(try PNG.decode(png) == picture)
        let size = try PNG.size(png)
        #expect(size.width == 33 && size.height == 17)
    }

    @Test(arguments: [(200, 100, 64, 64, 32), (100, 200, 64, 32, 64), (4096, 1, 256, 256, 1)])
    func thumbnailKeepsProportions(_ c: (Int, Int, Int, Int, Int)) throws {
        let thumbnail = try PNG.thumbnail(of: PNG.encode(gradient(c.0, c.1)), maxSide: c.2)
        let size = try PNG.size(thumbnail)
        #expect(size.width == c.3 && size.height == c.4)
    }

    @Test func smallPictureIsNotEnlarged() throws {
        let size = try PNG.size(PNG.thumbnail(of: PNG.encode(gradient(20, 10)), maxSide: 256))
        #expect(size.width == 20 && size.height == 10)
    }

    @Test func boxFilterAveragesWeightedByAlpha() {
        let picture = Pixels(
            width: 2, height: 2,
            rgba: [100, 0, 0, 255, 200, 0, 0, 255, 0, 250, 0, 0, 0, 250, 0, 0])
        // The two transparent green pixels must not colour the mean, only thin it.
        #expect(picture.fitted(into: 1).rgba == [150, 0, 0, 128])
    }

    @Test func fullyTransparentStaysTransparent() {
        let picture = Pixels(width: 2, height: 1, rgba: [9, 9, 9, 0, 9, 9, 9, 0])
        #expect(picture.fitted(into: 1).rgba == [0, 0, 0, 0])
    }

    @Test func tooLargeIsRefusedFromTheHeader() throws {
        let png = try PNG.encode(gradient(4097, 1))
        #expect(throws: ImageError.tooLarge(width: 4097, height: 1)) { try PNG.size(png) }
        #expect(throws: ImageError.tooLarge(width: 4097, height: 1)) {
            try PNG.thumbnail(of: png, maxSide: 16)
        }
    }

    @Test(arguments: [0, -1, 4097]) func impossibleSideIsRefused(_ side: Int) throws {
        let png = try PNG.encode(gradient(2, 2))
        #expect(throws: ImageError.invalidSize(side)) { try PNG.thumbnail(of: png, maxSide: side) }
    }

    @Test func truncatedAndForeignBytesThrow() throws {
        let png = try PNG.encode(gradient(40, 40))
        for count in stride(from: 0, to: png.count - 12, by: 7) {
            #expect(throws: ImageError.self) { try PNG.thumbnail(of: Array(png.prefix(count)), maxSide: 8) }
        }
        #expect(throws: ImageError.self) { try PNG.size(Array("GIF89a".utf8)) }
    }

    @Test func damagedBytesNeverCrash() throws {
        var random = SeededRandom.fresh("PNGTests.damagedBytesNeverCrash")
        let png = try PNG.encode(gradient(24, 24))
        var refused = 0
        for _ in 0..<3000 {
            var damaged = png
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            do {
                let thumbnail = try PNG.thumbnail(of: damaged, maxSide: 8)
                let size = try PNG.size(thumbnail)
                #expect(max(size.width, size.height) <= 8)
            } catch {
                refused += 1
            }
        }
        // The checksums of the chunks find nearly every change.
        #expect(refused > 2000)
    }
}
