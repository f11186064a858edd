import AWSProtocol
import Expressions
import JSON

/// The expressions of one request with their substitutions, as they came.
struct ExpressionParameters: Sendable {
    /// Expression parameters this operation knows, in the order AWS names them, with their texts.
    private let texts: [(parameter: String, text: String?)]
    private let names: [(key: String, name: String)]?
    private let values: [(key: String, value: Result<AttributeValue, ValidationError>)]?
    let legacy: LegacyParameters

    init(
        _ input: InputReader, _ parameters: [String], legacy: [LegacyParameters.Parameter] = []
    ) throws(ValidationError) {
        var texts: [(parameter: String, text: String?)] = []
        for parameter in parameters { texts.append((parameter, try input.string(parameter))) }
        self.texts = texts
        names = try input.names("ExpressionAttributeNames")
        // The requests that have only projections do not know the parameter, and ignore it as any unknown one.
        values = parameters == ["ProjectionExpression"] ? nil : try input.values("ExpressionAttributeValues")
        self.legacy = try LegacyParameters(input, legacy)
    }

    func text(_ parameter: String) -> String? {
        texts.first { $0.parameter == parameter }?.text
    }

    /// Checks the parameters against each other, which AWS does before it looks at any value.
    func checkUse() throws {
        let used = texts.filter { $0.text != nil }.map(\.parameter)
        let isUsed = !used.isEmpty
        try legacy.check(against: used)
        if let names {
            let parameter = "ExpressionAttributeNames"
            guard isUsed else {
                throw TableErrors.validation("\(parameter) can only be specified when using expressions")
            }
            guard !names.isEmpty else { throw TableErrors.validation("\(parameter) must not be empty") }
        }
        if let values {
            let parameter = "ExpressionAttributeValues"
            guard isUsed else {
                let users = texts.map(\.parameter).filter { $0 != "ProjectionExpression" }
                let verb = users.count > 1 ? "are" : "is"
                let text = "\(parameter) can only be specified when using expressions"
                throw ValidationError(
                    "\(text): \(users.joined(separator: " and ")) \(verb) null", reworded: text)
            }
            guard !values.isEmpty else { throw TableErrors.validation("\(parameter) must not be empty") }
        }
    }

    /// Checks the parameters against each other and the substitutions on their own.
    func attributes() throws -> ExpressionAttributes {
        try checkUse()
        let attributes = ExpressionAttributes(names: try checkedNames(), values: try checkedValues())
        try attributes.checkSize()
        return attributes
    }

    private func checkedNames() throws -> [String: String] {
        guard let names else { return [:] }
        let parameter = "ExpressionAttributeNames"
        var result: [String: String] = [:]
        for (key, name) in names {
            try check(key, startsWith: "#", parameter)
            guard !name.isEmpty else {
                throw TableErrors.validation(
                    "\(parameter) contains invalid value: Empty attribute name for key \(key)")
            }
            guard name.utf8.count <= AttributeMap.maximumNameBytes else { throw AttributeMap.nameTooLong }
            result[key] = name
        }
        return result
    }

    private func checkedValues() throws -> [String: AttributeValue] {
        guard let values else { return [:] }
        let parameter = "ExpressionAttributeValues"
        for (key, _) in values { try check(key, startsWith: ":", parameter) }
        var result: [String: AttributeValue] = [:]
        for (key, value) in values {
            switch value {
            case .success(let value): result[key] = value
            case .failure(let error):
                throw error.within { "\(parameter) contains invalid value: \($0) for key \(key)" }
            }
        }
        return result
    }

    private func check(_ key: String, startsWith mark: Character, _ parameter: String) throws {
        guard key.utf8.count <= 255 else {
            throw TableErrors.validation(
                "\(parameter) contains invalid key: The expression attribute map contains a key that is too "
                    + "long; size of key: \(key.utf8.count)")
        }
        let rest = key.utf8.dropFirst()
        let isWord = rest.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F
        }
        guard key.first == mark, !rest.isEmpty, isWord else {
            throw TableErrors.validation("\(parameter) contains invalid key: Syntax error; key: \"\(key)\"")
        }
    }

    // MARK: parsing; what came without an expression is translated instead

    func condition(
        _ attributes: inout ExpressionAttributes, parameter: String = "ConditionExpression"
    ) throws -> ConditionExpression? {
        guard let text = text(parameter) else { return try legacy.condition() }
        let kind: ConditionKind = parameter == "FilterExpression" ? .filter : .condition
        return try ConditionExpression.parse(text, kind: kind, attributes: &attributes)
    }

    func projection(_ attributes: inout ExpressionAttributes) throws -> ProjectionExpression? {
        guard let text = text("ProjectionExpression") else { return try legacy.projection() }
        return try ProjectionExpression.parse(text, attributes: &attributes)
    }

    func update(_ attributes: inout ExpressionAttributes) throws -> UpdateExpression? {
        guard let text = text("UpdateExpression") else { return try legacy.update() }
        return try UpdateExpression.parse(text, attributes: &attributes)
    }

    func keyCondition(_ attributes: inout ExpressionAttributes) throws -> KeyConditionExpression? {
        guard let text = text("KeyConditionExpression") else { return nil }
        return try KeyConditionExpression.parse(text, attributes: &attributes)
    }
}
