import Bytes
import Digests
import Testing

@Suite struct HashTests {
    /// FIPS 180-4 examples and RFC 1321, appendix A.5.
    @Test func knownDigests() {
        #expect(SHA256.hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hex([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(SHA1.hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(SHA1.hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(MD5.hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0")
        #expect(MD5.hex("") == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(SHA256.hash("abc").count == 32 && SHA1.hash("abc").count == 20 && MD5.hash("abc").count == 16)
    }

    @Test func piecesGiveTheSameDigest() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for step in [1, 3, 63, 64, 65, 999] {
            var sha256 = SHA256.Hasher()
            var md5 = MD5.Hasher()
            var index = 0
            while index < bytes.count {
                let piece = Array(bytes[index..<min(index + step, bytes.count)])
                sha256.update(piece)
                piece.withUnsafeBytes { md5.update($0) }
                sha256.update([])
                index += step
            }
            #expect(sha256.finish() == SHA256.hash(bytes))
            #expect(md5.finish() == MD5.hash(bytes))
        }
    }

    @Test func aCopyGoesOnAlone() {
        var hasher = SHA256.Hasher()
        hasher.update("ab")
        var copy = hasher
        copy.update("c")
        #expect(hasher.finish() == SHA256.hash("ab"))
        #expect(copy.finish() == SHA256.hash("abc"))
    }
}

@Suite struct HMACTests {
    /// RFC 4231, test cases 1, 2, 6 and 7 (keys short, empty-ish and longer than a block).
    @Test func rfc4231() {
        #expect(
            Hex.encode(HMAC.sha256(key: [UInt8](repeating: 0x0B, count: 20), "Hi There"))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            Hex.encode(HMAC.sha256(key: "Jefe".bytes, "what do ya want for nothing?".bytes))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = [UInt8](repeating: 0xAA, count: 131)
        #expect(
            Hex.encode(HMAC.sha256(key: long, "Test Using Larger Than Block-Size Key - Hash Key First"))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(
            Hex.encode(
                HMAC.sha256(
                    key: long,
                    "This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm."))
                == "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")
    }

    /// RFC 2202, section 3, test cases 1, 2, 6 and 7.
    @Test func rfc2202() {
        #expect(
            Hex.encode(HMAC.sha1(key: [UInt8](repeating: 0x0B, count: 20), "Hi There"))
                == "b617318655057264e28bc0b6fb378c8ef146be00")
        #expect(
            Hex.encode(HMAC.sha1(key: "Jefe".bytes, "what do ya want for nothing?"))
                == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        let long = [UInt8](repeating: 0xAA, count: 80)
        #expect(
            Hex.encode(HMAC.sha1(key: long, "Test Using Larger Than Block-Size Key - Hash Key First"))
                == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
        #expect(
            Hex.encode(
                HMAC.sha1(
                    key: long,
                    "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"))
                == "e8e99d0f45237d786d6bbaa7965c7808bbff1a91")
    }

    @Test func constantTimeEquality() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [0, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }
}

@Suite struct CRCTests {
    /// The check values of the CRC catalogue: the nine digits `123456789`.
    @Test func checkValues() {
        let digits = "123456789".bytes
        #expect(CRC32.checksum(digits) == 0xCBF4_3926)
        #expect(CRC32C.checksum(digits) == 0xE306_9283)
        #expect(CRC64NVME.checksum(digits) == 0xAE8B_1486_0A79_9888)
        #expect(CRC32.checksum([]) == 0 && CRC32C.checksum([]) == 0 && CRC64NVME.checksum([]) == 0)
    }

    /// RFC 3720, appendix B.4.
    @Test func iSCSIExamples() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(Array(0...31)) == 0x46DD_794E)
    }

    @Test func piecesGiveTheSameChecksum() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) }
        bytes.withUnsafeBytes { all in
            for cut in [0, 1, 7, 8, 9, 150, 299, 300] {
                let head = UnsafeRawBufferPointer(rebasing: all[..<cut])
                let tail = UnsafeRawBufferPointer(rebasing: all[cut...])
                #expect(CRC32.update(CRC32.update(0, head), tail) == CRC32.checksum(bytes))
                #expect(CRC32C.update(CRC32C.update(0, head), tail) == CRC32C.checksum(bytes))
                #expect(CRC64NVME.update(CRC64NVME.update(0, head), tail) == CRC64NVME.checksum(bytes))
            }
        }
    }

    /// Slicing must agree with the definition, bit by bit, at every length and alignment.
    @Test func agreesWithBitwiseDefinition() {
        let bytes = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 13) }
        for length in 0...bytes.count {
            var narrow = UInt32.max
            var wide = UInt64.max
            for byte in bytes.prefix(length) {
                narrow ^= UInt32(byte)
                wide ^= UInt64(byte)
                for _ in 0..<8 {
                    narrow = narrow & 1 == 1 ? narrow >> 1 ^ 0x82F6_3B78 : narrow >> 1
                    wide = wide & 1 == 1 ? wide >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : wide >> 1
                }
            }
            #expect(CRC32C.checksum(Array(bytes.prefix(length))) == ~narrow)
            #expect(CRC64NVME.checksum(Array(bytes.prefix(length))) == ~wide)
        }
    }
}
