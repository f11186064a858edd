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
        // Permission may depend on the document: then it is short, and waited for.
        if !AccessFacts.readDocuments(of: operation) { try AccessGate.admit(request, operation, core) }
        let limit = BodyLimit(operation)
        try limit.check(request)
        try operation.beforeBody?(request, core)
        return (operation, limit.bytesAsSent)
    }

    /// The error of a body that was longer than `check` allows.
    static func tooLarge(_ request: S3Request) -> AWSError {
        let limit = (try? OperationTable.operation(for: request)).map { BodyLimit($0) } ?? .usual
        return limit.error(limit.bytesAsSent)
    }
}
