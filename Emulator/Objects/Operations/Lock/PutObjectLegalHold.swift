import AWSProtocol
import HTTPTypes

/// PUT /bucket/key?legal-hold: holds a version until the hold is lifted.
enum PutObjectLegalHold {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        guard let root = try? XMLReader.parse(document), root.name == "LegalHold",
            let isOn = root["Status"].flatMap(LockHeaders.isOn)
        else { throw AWSError.malformedXML }
        let target = try VersionTarget(request)
        _ = try target.read(core, LockOperations.needLock)
        let (record, bucket) = try await target.change(core, by: request) { record, bucket in
            try LockOperations.needLock(bucket)
            record.attributes.lock.legalHold = isOn
        }
        var response = HTTPResponse(status: 200)
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }
}
