import JSON

/// Fractions as DynamoDB attribute values, which `Attribute.n` does not make.
extension JSONValue {
    /// `{"N": ...}`. DynamoDB takes the exponent form as well.
    public static func storedNumber(_ number: Double) -> JSONValue {
        ["N": .string(JSONNumber(number).text)]
    }

    public var storedDouble: Double? {
        self["N"]?.string.flatMap { JSONNumber(text: $0)?.double }
    }
}
