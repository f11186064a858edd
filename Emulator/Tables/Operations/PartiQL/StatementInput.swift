import AWSProtocol
import Expressions
import JSON
import PartiQL

/// A statement as a request carries it: on its own, in a batch or in a transaction.
struct StatementInput: Sendable {
    static let maximumLength = 8192

    let text: String?
    let parameters: Result<[AttributeValue], ValidationError>?
    private let parameterCount: Int?
    let isConsistent: Bool
    let returnOnFailure: String?
    /// The parameters as they came.
    let original: JSONValue

    init(_ input: InputReader) throws(ValidationError) {
        text = try input.string("Statement")
        isConsistent = try input.bool("ConsistentRead") ?? false
        returnOnFailure = try input.string("ReturnValuesOnConditionCheckFailure")
        original = input["Parameters"] ?? .null
        guard let list = try input.list("Parameters") else {
            parameters = nil
            parameterCount = nil
            return
        }
        parameterCount = list.count
        parameters = try InputReader.later { () throws(ValidationError) in
            var values: [AttributeValue] = []
            for element in list { values.append(try AttributeValue(json: element)) }
            return values
        }
    }

    /// The statements of a batch or a transaction.
    static func list(
        _ input: InputReader, _ member: String, _ type: String
    ) throws(ValidationError) -> [StatementInput]? {
        guard let list = try input.structures(member, type) else { return nil }
        var statements: [StatementInput] = []
        for element in list { statements.append(try StatementInput(element)) }
        return statements
    }

    /// - Parameter path: of the list.
    static func constrain(
        _ statements: [StatementInput]?, _ constraints: inout Constraints, at path: String, maximum: Int
    ) {
        constraints.notNull(statements != nil, at: path)
        guard let statements else { return }
        constraints.length(
            statements.count, shown: statements.isEmpty ? "[]" : "[...]", at: path, from: 1, to: maximum)
        for (index, statement) in statements.enumerated() {
            statement.constrain(&constraints, at: "\(path).\(index + 1).member.")
        }
    }

    /// - Parameter path: of the structure, with a dot at its end unless it is the request itself.
    func constrain(_ constraints: inout Constraints, at path: String = "") {
        constraints.notNull(text != nil, at: "\(path)statement")
        constraints.length(text, at: "\(path)statement", from: 1, to: Self.maximumLength)
        if let parameterCount {
            constraints.length(
                parameterCount, shown: parameterCount == 0 ? "[]" : "[...]", at: "\(path)parameters", from: 1,
                to: .max)
        }
        constraints.member(
            returnOnFailure, of: Constraints.conditionFailureValues,
            at: "\(path)returnValuesOnConditionCheckFailure")
    }

    /// Wrong parameters are found before the statement is read.
    func statement() throws -> PartiQLStatement {
        let values = try parameters?.get() ?? []
        return try PartiQLStatement.parse(text ?? "", parameters: values)
    }

    var returnsItemOnFailure: Bool { returnOnFailure == "ALL_OLD" }
}

extension SourceName {
    /// The table, which may be named by its ARN.
    func table(_ environment: TableEnvironment) throws -> Table {
        try environment.catalog.table(InputReader.tableName(table))
    }
}
