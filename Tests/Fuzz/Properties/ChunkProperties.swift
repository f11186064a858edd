import AWSProtocol
import Bytes
import Digests
import Objects
import Signing

/// What holds for the decoder of aws-chunked bodies: pieces make no difference, what was framed comes back, and
/// nothing that was changed on the way passes for signed.
public enum ChunkProperties {
    private static let scope = SigningScope(date: "20260102", region: "us-east-1", service: "s3")
    private static let timestamp = "20260102T030405Z"
    private static let signing = SignatureContext(
        signingKey: SigningKey.derive(secret: "secret", scope: scope),
        seedSignature: String(repeating: "a", count: 64), scope: scope, timestamp: timestamp)

    private enum Outcome: Equatable {
        case decoded([UInt8], trailers: [String])
        case refused(String)
    }

    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        let choice = source.byte()
        let pieces = 1 + Int(source.byte() % 64)
        let body = Array(bytes.dropFirst(2))
        if choice % 4 == 3 {
            try checkSigned(body, pieces: pieces, change: Int(choice))
            return
        }
        let (isSigned, hasTrailer) = (choice & 1 == 1, choice & 2 == 2)
        let whole = decode(body, isSigned: isSigned, hasTrailer: hasTrailer, pieces: max(1, body.count))
        let cut = decode(body, isSigned: isSigned, hasTrailer: hasTrailer, pieces: pieces)
        try require(whole == cut, "pieces of \(pieces) bytes: \(cut), as a whole: \(whole)")
        let framed = frame([body], trailers: [], signed: false)
        let back = decode(framed, isSigned: false, hasTrailer: true, pieces: pieces)
        try require(back == .decoded(body, trailers: []), "framed and decoded: \(back)")
    }

    private static func decode(
        _ body: [UInt8], isSigned: Bool, hasTrailer: Bool, pieces: Int, signature: SignatureContext? = nil
    ) -> Outcome {
        var decoder = AWSChunkedDecoder(isSigned: isSigned, hasTrailer: hasTrailer, signature: signature)
        var decoded: [UInt8] = []
        do {
            var start = 0
            while start < body.count {
                let end = min(start + pieces, body.count)
                try body[start..<end].withUnsafeBytes { try decoder.feed($0) { decoded += $0 } }
                start = end
            }
            try decoder.finish()
        } catch let error as AWSError {
            return .refused(error.code)
        } catch {
            return .refused("\(error)")
        }
        if decoder.decodedLength != Int64(decoded.count) { return .refused("a wrong length") }
        return .decoded(decoded, trailers: decoder.trailers.map { "\($0.name):\($0.value)" })
    }

    private static func checkSigned(_ body: [UInt8], pieces: Int, change: Int) throws(PropertyFailure) {
        // Long enough that all but the last chunk are allowed.
        let first = Array(repeatElement(UInt8(truncatingIfNeeded: change), count: 8192)) + body
        let trailers = [("x-amz-checksum-crc32", Base64.encode(body.prefix(4)))]
        var framed = frame([first, body].filter { !$0.isEmpty }, trailers: trailers, signed: true)
        let good = decode(framed, isSigned: true, hasTrailer: true, pieces: pieces, signature: signing)
        guard case .decoded(let decoded, _) = good else { throw PropertyFailure("a good body: \(good)") }
        try require(decoded == first + body, "signed, framed and decoded is another body")
        guard let position = framed.firstIndex(of: UInt8(truncatingIfNeeded: change)) else { return }
        framed[position + change % 4096] ^= 0x01
        let bad = decode(framed, isSigned: true, hasTrailer: true, pieces: pieces, signature: signing)
        try require(bad != good, "a changed byte at \(position + change % 4096) passes")
    }

    private static func frame(_ chunks: [[UInt8]], trailers: [(String, String)], signed: Bool) -> [UInt8] {
        var framed: [UInt8] = []
        var previous = signing.seedSignature
        for chunk in chunks.filter({ !$0.isEmpty }) + [[]] {
            var line = String(chunk.count, radix: 16)
            if signed {
                previous = signature(
                    key: signing.signingKey,
                    stringToSign: StringToSign.chunk(
                        timestamp: timestamp, scope: scope, previousSignature: previous,
                        chunkHash: SHA256.hex(chunk)))
                line += ";chunk-signature=" + previous
            }
            framed += (line + "\r\n").bytes + chunk + (chunk.isEmpty ? [] : "\r\n".bytes)
        }
        for (name, value) in trailers { framed += "\(name):\(value)\r\n".bytes }
        if signed {
            let lines = trailers.map { "\($0):\($1)\n" }.joined()
            previous = signature(
                key: signing.signingKey,
                stringToSign: StringToSign.trailer(
                    timestamp: timestamp, scope: scope, previousSignature: previous,
                    trailerHash: SHA256.hex(lines)))
            framed += "x-amz-trailer-signature:\(previous)\r\n".bytes
        }
        return framed + "\r\n".bytes
    }
}
