import AWSProtocol
import HTTPTypes
import Store

/// What a form's fields allow and say about its file, known before the file's first byte.
struct FormUpload: Sendable {
    /// The same upload as if it had been a PUT: fields stand as headers.
    var request: S3Request
    var claim: BodyClaim
    var attributes: ObjectAttributes
    var sizes: PostPolicy.SizeRange
    var form: PostForm
}

/// Reads POST forms in one pass: fields first, then the file as any other body, with memory that does not grow
/// with it. Blocks the thread.
enum FormIntake {
    /// Bytes of an object that comes in one piece (Amazon S3 User Guide, "Uploading objects").
    private static let maxFileBytes: Int64 = 5 << 30

    /// - Parameter plan: judges the fields; called once, when the file begins.
    static func accept(
        _ body: HTTPBody, _ parser: MultipartFormParser, _ blobs: BlobStore,
        _ plan: (PostForm) throws -> FormUpload
    ) throws -> (FormUpload, AcceptedBody) {
        var reading = Reading(parser: parser)
        var sink = BodySink(blobs)
        do throws(any Error) {
            try Files.read(body) { piece in
                try reading.feed(piece, plan) { try sink.write($0) }
            }
            try reading.parser.finish()
        } catch is MultipartFormParser.Malformed {
            throw AWSError.malformedForm
        }
        guard let upload = reading.upload, let digests = reading.digests else { throw reading.fileless() }
        try upload.sizes.check(reading.fileBytes)
        if reading.fileBytes > maxFileBytes { throw AWSError.tooLarge(reading.fileBytes, max: maxFileBytes) }
        try BodyIntake.check(digests, upload.claim, trailers: [])
        let accepted = AcceptedBody(digests, try sink.finish())
        return (upload, accepted)
    }

    /// Reads the beginning of a form as `accept` does.
    /// - Parameters:
    ///   - length: of the whole form, bytes.
    ///   - plan: as for `accept`.
    /// - Throws: what `accept` would throw of a form that begins so.
    static func judge(
        _ beginning: [UInt8], of length: Int64?, _ parser: MultipartFormParser,
        _ plan: (PostForm) throws -> FormUpload
    ) throws {
        var reading = Reading(parser: parser)
        do throws(any Error) {
            try beginning.withUnsafeBytes { try reading.feed($0, plan) { _ in } }
        } catch is MultipartFormParser.Malformed {
            throw AWSError.malformedForm
        }
        // Behind the file there may be a little more than its boundary.
        guard let length, let upload = reading.upload, reading.isInFile else { return }
        let fileBytes = length - (Int64(beginning.count) - reading.fileBytes) - parser.endBytes
        if fileBytes - PostForm.maxBytesBeforeFile > upload.sizes.max { try upload.sizes.check(fileBytes) }
    }

    /// A form on its way from bytes to a file.
    private struct Reading {
        var parser: MultipartFormParser
        var form = PostForm()
        var upload: FormUpload?
        var digests: BodyDigests?
        var fileBytes: Int64 = 0
        private var place = Place.beforeParts
        private var value: [UInt8] = []
        private var bytesBeforeFile: Int64 = 0

        private enum Place {
            case beforeParts
            case field(String)
            case file
            /// Behind the file nothing counts.
            case behindFile
        }

        init(parser: MultipartFormParser) { self.parser = parser }

        mutating func feed(
            _ piece: UnsafeRawBufferPointer, _ plan: (PostForm) throws -> FormUpload,
            _ store: (UnsafeRawBufferPointer) throws -> Void
        ) throws {
            var rest = piece
            // A piece may hold the whole form: the limit is on what precedes the file, so it is fed little by
            // little until the file begins.
            while !rest.isEmpty {
                let count = isBeforeFile ? min(rest.count, 4096) : rest.count
                let next = UnsafeRawBufferPointer(rebasing: rest[..<count])
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                var parser = self.parser
                try parser.feed(next) { try handle($0, plan, store) }
                self.parser = parser
                if isBeforeFile, parser.consumed > PostForm.maxBytesBeforeFile { throw AWSError.formTooLong }
            }
        }

        var isInFile: Bool { if case .file = place { true } else { false } }

        private var isBeforeFile: Bool {
            switch place {
            case .beforeParts, .field: true
            case .file, .behindFile: false
            }
        }

        private mutating func handle(
            _ event: MultipartFormParser.Event, _ plan: (PostForm) throws -> FormUpload,
            _ store: (UnsafeRawBufferPointer) throws -> Void
        ) throws {
            switch (event, place) {
            case (_, .behindFile): break
            case (.part(let part), _) where part.name.lowercased() == "file":
                place = .file
                form.expand(filename: part.filename)
                let planned = try plan(form)
                // The digest is computed while the file passes, so its kind has to be known by now.
                digests = BodyDigests(planned.claim.checksum.algorithm)
                upload = planned
            case (.part(let part), _):
                place = .field(part.name)
                value = []
            case (.content(let bytes), .field):
                value.append(contentsOf: bytes)
                bytesBeforeFile += Int64(bytes.count)
                if bytesBeforeFile > PostForm.maxBytesBeforeFile { throw AWSError.formTooLong }
            case (.content(let bytes), .file):
                fileBytes += Int64(bytes.count)
                // What the policy refuses need not reach the disk; it is still counted for the answer.
                guard fileBytes <= min(upload?.sizes.max ?? .max, maxFileBytes) else { return }
                digests?.update(bytes)
                try store(bytes)
            case (.partEnd, .field(let name)):
                try form.add(name, value)
                place = .beforeParts
            case (.partEnd, .file): place = .behindFile
            default: break
            }
        }

        /// The error of a form that ended without a file.
        func fileless() -> AWSError {
            form["key"] == nil && !form.fields.isEmpty ? PolicyVerifier.missing("key") : .fileMissing
        }
    }
}
