import AWSProtocol
import HTTPTypes

/// Judges a request by its head, so that nobody sends gigabytes in vain.
enum UploadAdmission {
    /// Bytes with which a body tells what it is: more than may precede a form's file.
    static let beginningBytes = 32 << 10

    /// What can be said of the request without its body.
    /// - Returns: the operation, and the longest body that is worth taking, in bytes as sent.
    /// - Throws: what the operation would throw in the end.
    static func check(_ request: S3Request, _ core: ObjectsCore) throws -> (Operation, maxBytes: Int64) {
        let operation = try OperationTable.operation(for: request)
        if try !waitsForDocument(request, operation, core) { try AccessGate.admit(request, operation, core) }
        let limit = BodyLimit(operation)
        try limit.check(request)
        try operation.beforeBody?(request, core)
        return (operation, limit.bytesAsSent)
    }

    /// Whether a policy may permit by what the document says.
    private static func waitsForDocument(
        _ request: S3Request, _ operation: Operation, _ core: ObjectsCore
    ) throws -> Bool {
        guard AccessFacts.readDocuments(of: operation) else { return false }
        return try core.buckets.bucket(request.bucket, core.store)?.access.policy != nil
    }

    /// The error of a body that was longer than `check` allows.
    static func tooLarge(_ request: S3Request) -> AWSError {
        let limit = BodyLimit(of: request)
        return limit.error(limit.bytesAsSent)
    }
}
