import Expressions

/// One entry of AttributeUpdates (Amazon DynamoDB API Reference, AttributeValueUpdate).
struct LegacyUpdate: Sendable {
    static let actions = ["ADD", "PUT", "DELETE"]

    let attribute: String
    /// Absent means PUT.
    let action: String?
    let value: Result<AttributeValue, ValidationError>?

    init(_ attribute: String, _ input: InputReader) throws(ValidationError) {
        self.attribute = attribute
        action = try input.string("Action")
        value = try input.attributeValue("Value")
    }

    func translated() throws(ValidationError) -> UpdateExpression.Action {
        try LegacyParameters.check(name: attribute)
        let path = DocumentPath(head: attribute)
        guard let value = try value?.get() else {
            guard action == "DELETE" else {
                throw LegacyCondition.invalid(
                    "Only DELETE action is allowed when no attribute value is specified")
            }
            return .remove(path)
        }
        switch action {
        case "DELETE":
            guard value.type.isSet else {
                throw LegacyCondition.invalid(
                    "DELETE action with value is not supported for the type \(value.typeName)")
            }
            return .delete(path, value)
        case "ADD":
            // Unlike the ADD of expressions, this one also appends to lists.
            guard value.type.isSet || value.type == .n || value.type == .l else {
                throw LegacyCondition.invalid(
                    "ADD action is not supported for the type \(value.typeName)")
            }
            return .add(path, value)
        default: return .set(path, .operand(.value(value)))
        }
    }
}
