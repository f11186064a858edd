import AWSProtocol
import Clock
import HTTPTypes

/// PUT /bucket/key?retention: makes a version stay longer, or, where that is allowed, less long.
enum PutObjectRetention {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let retention = try retention(
            in: try DigestRequired.document(of: request))
        let bypasses = request.bypassesGovernance
        let now = request.context.now
        let target = try VersionTarget(request)
        _ = try target.read(core, LockOperations.needLock)
        let (record, bucket) = try await target.change(core, by: request) { record, bucket in
            try LockOperations.needLock(bucket)
            if let retention { try RetainUntil.check(retention.until, name: "RetainUntilDate", now: now) }
            let old = record.attributes.lock.retention
            try check(from: old, to: retention, bypassesGovernance: bypasses, now: now)
            record.attributes.lock.retention = retention
        }
        var response = HTTPResponse(status: 200)
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }

    /// Nil for an empty element, which takes the retention away.
    private static func retention(in document: [UInt8]) throws(AWSError) -> ObjectLock.Retention? {
        guard let root = try? XMLReader.parse(document), root.name == "Retention" else { throw .malformedXML }
        switch (root["Mode"], root["RetainUntilDate"]) {
        case (nil, nil): return nil
        case (let mode?, let date?):
            guard let mode = ObjectLock.Mode(rawValue: mode), let until = Timestamp(iso8601: date) else {
                throw .malformedXML
            }
            return ObjectLock.Retention(mode: mode, until: until)
        default: throw .malformedXML
        }
    }

    /// A retention in force may be made longer by anyone; all else needs the right to bypass governance, and
    /// against compliance there is none.
    private static func check(
        from old: ObjectLock.Retention?, to new: ObjectLock.Retention?, bypassesGovernance: Bool,
        now: Timestamp
    ) throws(AWSError) {
        guard let old, old.until > now else { return }
        if let new, new.mode == old.mode, new.until >= old.until { return }
        if old.mode == .governance, bypassesGovernance { return }
        throw LockProtection.denied
    }
}
