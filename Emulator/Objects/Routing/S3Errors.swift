import AWSProtocol
import Bytes

/// The errors that more than one operation answers with (Amazon S3 API Reference, "Error Responses").
extension AWSError {
    static func noSuchBucket(_ name: String) -> AWSError {
        AWSError(
            code: "NoSuchBucket", status: 404, message: "The specified bucket does not exist",
            elements: [("BucketName", name)])
    }

    static func noSuchKey(_ key: [UInt8]) -> AWSError {
        AWSError(
            code: "NoSuchKey", status: 404, message: "The specified key does not exist.",
            elements: [("Key", String(utf8: key))])
    }

    static func noSuchVersion(_ key: [UInt8], _ version: String) -> AWSError {
        AWSError(
            code: "NoSuchVersion", status: 404, message: "The specified version does not exist.",
            elements: [("Key", String(utf8: key)), ("VersionId", version)])
    }

    static func noSuchUpload(_ id: String) -> AWSError {
        AWSError(
            code: "NoSuchUpload", status: 404,
            message: "The specified upload does not exist. The upload ID may be invalid, or the upload may "
                + "have been aborted or completed.",
            elements: [("UploadId", id)])
    }

    static func invalidBucketName(_ name: String) -> AWSError {
        AWSError(
            code: "InvalidBucketName", message: "The specified bucket is not valid.",
            elements: [("BucketName", name)])
    }

    static func keyTooLong(_ size: Int) -> AWSError {
        AWSError(
            code: "KeyTooLongError", message: "Your key is too long",
            elements: [("Size", String(size)), ("MaxSizeAllowed", String(ObjectKey.maxBytes))])
    }

    static func invalidURI(_ uri: String) -> AWSError {
        AWSError(
            code: "InvalidURI", message: "Couldn't parse the specified URI.", elements: [("URI", uri)])
    }

    static func preconditionFailed(_ condition: String) -> AWSError {
        AWSError(
            code: "PreconditionFailed", status: 412,
            message: "At least one of the pre-conditions you specified did not hold",
            elements: [("Condition", condition)])
    }

    /// A bucket does not have what was asked for; each kind has a code of its own.
    static func notConfigured(_ code: String, _ message: String, bucket: String) -> AWSError {
        AWSError(code: code, status: 404, message: message, elements: [("BucketName", bucket)])
    }

    static func invalidArgument(_ message: String, name: String, value: String?) -> AWSError {
        AWSError(
            code: "InvalidArgument", message: message,
            elements: [("ArgumentName", name)] + (value.map { [("ArgumentValue", $0)] } ?? []))
    }

    static func invalidRequest(_ message: String) -> AWSError {
        AWSError(code: "InvalidRequest", message: message)
    }

    static func accessDenied(_ message: String = "Access Denied") -> AWSError {
        AWSError(code: "AccessDenied", status: 403, message: message)
    }

    static func methodNotAllowed(_ method: String, _ resource: String, allow: String) -> AWSError {
        AWSError(
            code: "MethodNotAllowed", status: 405,
            message: "The specified method is not allowed against this resource.",
            elements: [("Method", method), ("ResourceType", resource)], headers: ["Allow": allow])
    }

    static let malformedXML = AWSError(
        code: "MalformedXML",
        message: "The XML you provided was not well-formed or did not validate against our published schema")

    static let internalFailure = AWSError(
        code: "InternalError", status: 500, message: "We encountered an internal error. Please try again.")

    static func invalidPartNumber(_ text: String?) -> AWSError {
        .invalidArgument(
            "Part number must be an integer between 1 and 10000, inclusive", name: "partNumber", value: text)
    }
}
