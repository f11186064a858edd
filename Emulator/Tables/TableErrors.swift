import AWSProtocol
import Expressions
import JSON

/// Every error the table service answers with, built in one place.
enum TableErrors {
    private static let validationNamespace = "com.amazon.coral.validate"
    private static let serviceNamespace = "com.amazon.coral.service"
    private static let tableNamespace = "com.amazonaws.dynamodb.v20120810"

    /// The part of `__type` before `#`.
    static func namespace(of code: String) -> String {
        switch code {
        case "ValidationException": validationNamespace
        case "SerializationException", "UnknownOperationException", "MissingAuthenticationTokenException",
            "IncompleteSignatureException", "InvalidSignatureException", "UnrecognizedClientException",
            "AccessDeniedException":
            serviceNamespace
        default: tableNamespace
        }
    }

    static func validation(_ message: String) -> AWSError {
        AWSError(code: "ValidationException", message: message)
    }

    /// The prefix that most texts about single parameters carry.
    static func invalidParameter(_ text: String) -> AWSError {
        validation("One or more parameter values were invalid: \(text)")
    }

    static func of(_ error: ValidationError) -> AWSError {
        switch error.kind {
        case .validation: validation(error.message)
        case .serialization: AWSError(code: "SerializationException", message: error.message)
        }
    }

    /// For operations on items.
    static let tableNotFound = AWSError(
        code: "ResourceNotFoundException", message: "Requested resource not found")

    /// For operations on tables.
    static func tableNotFound(_ name: String) -> AWSError {
        resourceNotFound("Table: \(name) not found")
    }

    static func resourceNotFound(_ text: String) -> AWSError {
        AWSError(code: "ResourceNotFoundException", message: "Requested resource not found: \(text)")
    }

    static func tableExists(_ name: String) -> AWSError {
        AWSError(code: "ResourceInUseException", message: "Table already exists: \(name)")
    }

    /// A table or an index that is being changed already.
    static func inUse(_ text: String) -> AWSError {
        AWSError(
            code: "ResourceInUseException",
            message: "Attempt to change a resource which is still in use: \(text)")
    }

    static func limitExceeded(_ text: String) -> AWSError {
        AWSError(code: "LimitExceededException", message: "Subscriber limit exceeded: \(text)")
    }

    static func conditionFailed(_ item: Item?) -> AWSError {
        var members = JSONObject()
        if let item { members.append("Item", item.json) }
        return AWSError(
            code: "ConditionalCheckFailedException", message: "The conditional request failed",
            members: members)
    }

    static func transactionCancelled(_ reasons: [CancellationReason]) -> AWSError {
        var members = JSONObject()
        members.append("CancellationReasons", .array(reasons.map(\.json)))
        let codes = reasons.map(\.code).joined(separator: ", ")
        return AWSError(
            code: "TransactionCanceledException",
            message:
                "Transaction cancelled, please refer cancellation reasons for specific reasons [\(codes)]",
            members: members)
    }

    static let idempotentMismatch = AWSError(code: "IdempotentParameterMismatchException")

    static let keyMismatch = validation("The provided key element does not match the schema")

    static func internalFailure(_ error: any Error) -> AWSError {
        AWSError(code: "InternalServerError", status: 500, message: "\(error)")
    }

    /// What the dispatcher turns any thrown error into.
    static func from(_ error: any Error) -> AWSError {
        switch error {
        case let error as AWSError: error
        case let error as ValidationError: of(error)
        default: internalFailure(error)
        }
    }
}

/// Why one action of a transaction did or did not stand in its way; the list answers position by position.
struct CancellationReason: Sendable {
    var code: String
    var message: String?
    var item: Item?

    static let none = CancellationReason(code: "None")
    static func conditionFailed(_ item: Item?) -> CancellationReason {
        CancellationReason(
            code: "ConditionalCheckFailed", message: "The conditional request failed", item: item)
    }
    static func validation(_ message: String) -> CancellationReason {
        CancellationReason(code: "ValidationError", message: message)
    }

    var json: JSONValue {
        var object = JSONObject()
        object.append("Code", .string(code))
        if let message { object.append("Message", .string(message)) }
        if let item { object.append("Item", item.json) }
        return .object(object)
    }
}
