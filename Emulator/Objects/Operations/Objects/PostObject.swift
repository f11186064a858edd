import AWSProtocol
import Bytes
import HTTPTypes

/// POST /bucket with `multipart/form-data`: an upload by a web page's form.
enum PostObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let parser = try parser(for: request, core)
        let bucket = request.bucket
        let body = request.http.body
        let blobs = core.store.blobs
        let (upload, accepted) = try await core.blocking {
            try FormIntake.accept(body, parser, blobs) { try plan($0, request, core) }
        }
        let write = ObjectWrite(
            accepted: accepted, attributes: upload.attributes,
            conditions: try WriteConditions(upload.request),
            event: "ObjectCreated:Post")
        let (record, stored) = try await write.commit(upload.request, core)
        var headers = HTTPHeaders()
        headers.add(encryptionOf: record.attributes)
        headers.add(versionOf: record, in: stored)
        try headers.add(expirationOf: record, upload.request.key, in: stored, core)
        ObjectHeaders.add(record.checksum, to: &headers)
        let answer = FormAnswer(
            form: upload.form, location: FormAnswer.location(of: request, key: upload.request.key),
            bucket: bucket, key: upload.request.keyText, etag: ETag.quoted(record.etag))
        return answer.response(headers)
    }

    /// Whether a request is for this operation, whose signature is in the body.
    static func serves(_ request: S3Request) -> Bool {
        request.http.method == "POST" && request.address.bucket != nil && request.address.key == nil
            && !request.has("delete")
    }

    /// Judges the fields of a long form before its file has come.
    static func judge(_ request: S3Request, _ core: ObjectsCore, _ beginning: [UInt8]) throws {
        let length = request.http.headers["Content-Length"].flatMap { Int64($0) }
        try FormIntake.judge(beginning, of: length, try parser(for: request, core)) {
            try plan($0, request, core)
        }
    }

    /// What the head says, judged.
    static func parser(for request: S3Request, _ core: ObjectsCore) throws -> MultipartFormParser {
        let type = request.http.headers["Content-Type"] ?? ""
        guard FieldParameters(type).value == "multipart/form-data" else {
            throw AWSError.preconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data")
        }
        if request.http.headers["Transfer-Encoding"] != nil {
            throw AWSError.notImplementedHeader("Transfer-Encoding")
        }
        guard let parser = MultipartFormParser(contentType: type) else { throw AWSError.malformedForm }
        try core.store.read { _ = try core.bucket(request.bucket, in: $0) }
        return parser
    }

    /// Judges the fields as S3 does: key, signature, policy, then what they say about the object.
    private static func plan(_ form: PostForm, _ request: S3Request, _ core: ObjectsCore) throws -> FormUpload
    {
        guard let key = form["key"] else { throw PolicyVerifier.missing("key") }
        guard !key.isEmpty else {
            throw AWSError.invalidArgument(
                "User key must have a length greater than 0.", name: "key", value: "")
        }
        var context = request.context
        var sizes = PostPolicy.SizeRange()
        if let signer = try context.policyVerifier?.verify({ form[$0] }) {
            context.identity = signer
            sizes = try PostPolicy(encoded: form["policy"] ?? "")
                .check(form, bucket: request.bucket, now: context.now)
        }
        let put = try S3Request(
            form: HTTPRequest(
                method: "POST", target: "/", headers: try FormHeaders.headers(of: form),
                peerAddress: request.http.peerAddress),
            context, Address(bucket: request.bucket, key: key.bytes))
        try AccessGate.admitWrite(put, core)
        return FormUpload(
            request: put, claim: try BodyClaim.read(from: put),
            attributes: try AttributeReader.read(from: put),
            sizes: sizes, form: form)
    }
}
