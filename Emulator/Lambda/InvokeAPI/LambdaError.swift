import AWSProtocol
import Bytes
import HTTPTypes
import JSON

/// The errors of the Lambda API, each with AWS's status, name and text.
enum LambdaError {
    static func functionNotFound(arn: String) -> AWSError {
        AWSError(
            code: "ResourceNotFoundException", status: 404, message: "Function not found: \(arn)",
            members: ["Type": "User"])
    }

    static func throttled(reason: String) -> AWSError {
        AWSError(
            code: "TooManyRequestsException", status: 429, message: "Rate Exceeded.",
            members: ["Reason": .string(reason), "Type": "User"])
    }

    static func tooLarge(bytes: Int64, limit: Int, type: String) -> AWSError {
        AWSError(
            code: "RequestEntityTooLargeException", status: 413,
            message: "\(bytes) byte payload is too large for the \(type) invocation type "
                + "(limit \(limit) bytes)",
            members: ["Type": "User"])
    }

    static func invalidContent(_ message: String) -> AWSError {
        AWSError(
            code: "InvalidRequestContentException", status: 400, message: message, members: ["Type": "User"])
    }

    static func invalidParameter(_ message: String) -> AWSError {
        AWSError(
            code: "InvalidParameterValueException", status: 400, message: message, members: ["Type": "User"])
    }

    /// A value that does not fit its shape. These have no `Type`.
    static func validation(_ value: String, at name: String, _ constraint: String) -> AWSError {
        AWSError(
            code: "ValidationException", status: 400,
            message: "1 validation error detected: Value '\(value)' at '\(name)' failed to satisfy "
                + "constraint: Member must \(constraint)")
    }

    /// 404, with the text as it is.
    static func notFound(_ message: String) -> AWSError {
        AWSError(
            code: "ResourceNotFoundException", status: 404, message: message, members: ["Type": "User"])
    }

    static func conflict(_ message: String) -> AWSError {
        AWSError(code: "ResourceConflictException", status: 409, message: message, members: ["Type": "User"])
    }

    static func precondition(_ message: String) -> AWSError {
        AWSError(
            code: "PreconditionFailedException", status: 412, message: message, members: ["Type": "User"])
    }

    /// The revision id of a request is not that of the function, version or alias.
    static let revisionDiffers = precondition(
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            + "retrieve the latest Revision Id")

    /// Code, or a whole request, that is too large.
    static func entityTooLarge(_ message: String) -> AWSError {
        AWSError(
            code: "RequestEntityTooLargeException", status: 413, message: message, members: ["Type": "User"])
    }

    /// A document that does not have the types of its shape.
    static func serialization(_ message: String) -> AWSError {
        AWSError(code: "SerializationException", status: 400, message: message)
    }

    /// AWS says nothing more to strangers.
    static let accessDenied = AWSError(code: "AccessDeniedException", status: 403)

    static func service(_ message: String) -> AWSError {
        AWSError(code: "ServiceException", status: 500, message: message, members: ["Type": "Service"])
    }

    /// AWS sends no body that tells more for a path that is not one of its operations.
    static let unknownOperation = AWSError(
        code: "UnknownOperationException", status: 404,
        message: "This operation of the Lambda API does not exist, or is not offered by the emulator.")

    /// These spell the key of their text with a capital letter.
    private static let capital: Set<String> = ["ResourceNotFoundException", "ServiceException"]

    static func encode(_ error: AWSError, requestID: String) -> HTTPResponse {
        var body = error.members
        if let message = error.message {
            body.append(capital.contains(error.code) ? "Message" : "message", .string(message))
        }
        var headers = error.headers
        headers["Content-Type"] = "application/json"
        headers["x-amzn-RequestId"] = requestID
        headers["x-amzn-ErrorType"] = error.code
        return HTTPResponse(
            status: error.status, headers: headers, body: .bytes(JSONValue.object(body).encoded()))
    }
}
