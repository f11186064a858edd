import AWSProtocol
import Bytes
import Digests
import HTTPTypes
import Signing

/// Takes an `aws-chunked` body apart (Amazon S3 API Reference, "Signature Calculations for the
/// Authorization Header: Transferring Payload in Multiple Chunks"), in pieces of any size.
///
/// Signatures are computed over a chunk as its bytes pass by; when one turns out wrong the bytes have
/// been handed on already, so nothing may become visible before `finish()` has returned.
package struct AWSChunkedDecoder {
    /// All chunks but the last have at least this many bytes.
    static let smallestChunk = 8192
    /// Longest chunk header or trailer line, bytes; AWS's are below 200.
    private static let longestLine = 4096
    private static let longestTrailer = 16

    private enum State {
        case chunkHeader
        case chunkData(remaining: Int)
        /// The line end after a chunk's data.
        case chunkEnd
        case trailer
        case done
    }

    private var state = State.chunkHeader
    private var line: [UInt8] = []
    private var chunkHasher = SHA256.Hasher()
    private var chunkSignature = ""
    private var previousChunk: Int?
    /// Those before the current one.
    private var chunks = 0
    private var previousSignature: String
    private let context: SignatureContext?
    private let isSigned: Bool
    private let hasTrailer: Bool
    package private(set) var decodedLength: Int64 = 0
    /// Names are lower-case.
    package private(set) var trailers: [(name: String, value: String)] = []

    /// - Parameter signature: nil leaves chunk signatures unchecked.
    package init(isSigned: Bool, hasTrailer: Bool, signature: SignatureContext?) {
        self.isSigned = isSigned
        self.hasTrailer = hasTrailer
        context = isSigned ? signature : nil
        previousSignature = signature?.seedSignature ?? ""
    }

    /// Takes the next bytes as sent and hands the object's own bytes to `emit`.
    package mutating func feed(
        _ input: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = input
        while !rest.isEmpty {
            switch state {
            case .chunkData(let remaining):
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(remaining))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
                if context != nil { chunkHasher.update(piece) }
                decodedLength += Int64(piece.count)
                try emit(piece)
                state = remaining == piece.count ? .chunkEnd : .chunkData(remaining: remaining - piece.count)
            case .done:
                throw AWSError.incompleteBody
            case .chunkHeader, .chunkEnd, .trailer:
                guard let text = try takeLine(&rest) else { return }
                try handle(line: text)
            }
        }
    }

    /// Checks that the body ended where it should.
    package mutating func finish() throws {
        switch state {
        case .done: return
        case .trailer where !isSigned || line.isEmpty && trailers.isEmpty && !hasTrailer:
            // Some clients leave out the empty line at the very end.
            guard line.isEmpty else { throw AWSError.incompleteBody }
            try endTrailer()
        default: throw AWSError.incompleteBody
        }
    }

    /// The next line without its line end; nil when it is not complete yet.
    private mutating func takeLine(_ rest: inout UnsafeRawBufferPointer) throws -> String? {
        guard let end = rest.firstIndex(of: 0x0A) else {
            line.append(contentsOf: rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[rest.endIndex...])
            if line.count > Self.longestLine { throw AWSError.incompleteBody }
            return nil
        }
        line.append(contentsOf: rest[..<end])
        rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        if line.count > Self.longestLine { throw AWSError.incompleteBody }
        if line.last == 0x0D { line.removeLast() }
        defer { line = [] }
        return String(utf8: line)
    }

    private mutating func handle(line text: String) throws {
        switch state {
        case .chunkHeader: try startChunk(text)
        case .chunkEnd:
            guard text.isEmpty else { throw AWSError.incompleteBody }
            try checkChunkSignature()
            state = .chunkHeader
        case .trailer: try handleTrailer(text)
        case .chunkData, .done: throw AWSError.incompleteBody
        }
    }

    private mutating func startChunk(_ text: String) throws {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard let digits = parts.first, !digits.isEmpty, digits.utf8.count <= 12,
            let size = Int(digits, radix: 16), size >= 0
        else { throw AWSError.incompleteBody }
        let marker = "chunk-signature="
        chunkSignature =
            parts.dropFirst().first { $0.hasPrefix(marker) }.map { String($0.dropFirst(marker.utf8.count)) }
            ?? ""
        if size > 0, let previousChunk, previousChunk < Self.smallestChunk {
            throw AWSError(
                code: "InvalidChunkSizeError", status: 403,
                message: "Only the last chunk is allowed to have a size less than 8192 bytes",
                elements: [("Chunk", String(chunks + 1)), ("BadChunkSize", String(previousChunk))])
        }
        if previousChunk != nil { chunks += 1 }
        previousChunk = size
        chunkHasher = SHA256.Hasher()
        if size > 0 {
            state = .chunkData(remaining: size)
        } else {
            try checkChunkSignature()
            state = .trailer
        }
    }

    private mutating func handleTrailer(_ text: String) throws {
        if text.isEmpty {
            try endTrailer()
            return
        }
        guard hasTrailer, trailers.count < Self.longestTrailer, let colon = text.firstIndex(of: ":") else {
            throw AWSError.malformedTrailer
        }
        trailers.append(
            (
                name: text[..<colon].lowercased(),
                value: String(text[text.index(after: colon)...].drop { $0 == " " })
            ))
    }

    private mutating func endTrailer() throws {
        defer { state = .done }
        guard let context, hasTrailer else { return }
        guard let sent = trailers.last, sent.name == "x-amz-trailer-signature" else {
            throw AWSError.malformedTrailer
        }
        let signed = trailers.dropLast().map { "\($0.name):\($0.value)\n" }.joined()
        try check(
            sent.value, against: context,
            text: StringToSign.trailer(
                timestamp: context.timestamp, scope: context.scope,
                previousSignature: previousSignature, trailerHash: SHA256.hex(signed)))
    }

    private mutating func checkChunkSignature() throws {
        guard let context else { return }
        try check(
            chunkSignature, against: context,
            text: StringToSign.chunk(
                timestamp: context.timestamp, scope: context.scope,
                previousSignature: previousSignature, chunkHash: Hex.encode(chunkHasher.finish())))
        previousSignature = chunkSignature
    }

    private func check(_ sent: String, against context: SignatureContext, text: String) throws(AWSError) {
        let expected = signature(key: context.signingKey, stringToSign: text)
        guard !constantTimeEqual(expected.bytes, sent.bytes) else { return }
        throw AWSError(
            code: "SignatureDoesNotMatch", status: 403,
            message: "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method.",
            elements: [("StringToSign", text), ("SignatureProvided", sent)])
    }
}

extension AWSError {
    static let incompleteBody = AWSError(
        code: "IncompleteBody",
        message: "The request body terminated unexpectedly")

    static let malformedTrailer = AWSError(
        code: "MalformedTrailerError",
        message: "The request contained trailing data that was not well-formed or did not conform to our "
            + "published schema.")
}
