import AWSProtocol
import HTTPTypes

/// Judges an upload by its head, so that nobody sends gigabytes in vain.
enum UploadAdmission {
    /// What can be said of the request without its body.
    /// - Throws: what the operation would throw in the end.
    static func check(_ request: S3Request, _ core: ObjectsCore) throws {
        let operation = try OperationTable.operation(for: request)
        guard let beforeBody = operation.beforeBody else { return }
        try AccessGate.admit(request, operation, core)
        try checkSize(request)
        try beforeBody(request, core)
    }

    private static func checkSize(_ request: S3Request) throws(AWSError) {
        let decoded = request.header("x-amz-decoded-content-length")
        guard let text = decoded ?? request.http.headers["Content-Length"], let size = Int64(text),
            size > AWSError.maxUploadBytes
        else { return }
        throw .uploadTooLarge(size)
    }
}
