/// The `#name` and `:value` substitutions of one request, and which of them its expressions have used.
public struct ExpressionAttributes: Sendable {
    /// Keys with their `#`.
    public let names: [String: String]
    /// Keys with their `:`.
    public let values: [String: AttributeValue]
    private var usedNames: Set<String> = []
    private var usedValues: Set<String> = []

    public init(names: [String: String] = [:], values: [String: AttributeValue] = [:]) {
        self.names = names
        self.values = values
    }

    /// Bytes that all substitutions of a request may have together (AWS quota "Expression parameters").
    public static let maximumBytes = 2 << 20

    /// - Throws: when the substitutions are too large together.
    public func checkSize() throws(ValidationError) {
        var bytes = names.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        bytes += values.reduce(0) { $0 + $1.key.utf8.count + $1.value.size }
        guard bytes <= Self.maximumBytes else {
            throw ValidationError(
                "The sizes of all expression attribute names and values have exceeded the maximum allowed "
                    + "size together; size: \(bytes)")
        }
    }

    mutating func name(_ reference: String) throws(ValidationError) -> String {
        guard let name = names[reference] else {
            throw ValidationError(
                "An expression attribute name used in the document path is not defined; "
                    + "attribute name: \(reference)")
        }
        if names.count > usedNames.count { usedNames.insert(reference) }
        return name
    }

    mutating func value(_ reference: String) throws(ValidationError) -> AttributeValue {
        guard let value = values[reference] else {
            throw ValidationError(
                "An expression attribute value used in expression is not defined; "
                    + "attribute value: \(reference)")
        }
        if values.count > usedValues.count { usedValues.insert(reference) }
        return value
    }

    mutating func resolve(_ path: SyntaxPath) throws(ValidationError) -> DocumentPath {
        var head: String?
        var tail: [DocumentPath.Element] = []
        for element in path.elements {
            let resolved: DocumentPath.Element
            switch element {
            case .name(let name): resolved = .name(name)
            case .reference(let reference): resolved = .name(try name(reference))
            case .index(let index): resolved = .index(index)
            }
            if head == nil, case .name(let name) = resolved { head = name } else { tail.append(resolved) }
        }
        guard path.elements.count <= DocumentPath.maximumElements else {
            throw ValidationError(
                "The document path has too many nesting levels; nesting levels: \(path.elements.count)")
        }
        return DocumentPath(head: head ?? "", tail: tail)
    }

    /// Every substitution a request brings must be used.
    public func checkAllUsed() throws(ValidationError) {
        try Self.check("ExpressionAttributeNames", names.keys, usedNames)
        try Self.check("ExpressionAttributeValues", values.keys, usedValues)
    }

    private static func check(
        _ parameter: String, _ given: some Collection<String>, _ used: Set<String>
    ) throws(ValidationError) {
        guard given.count > used.count else { return }
        let unused = given.filter { !used.contains($0) }.sorted().joined(separator: ", ")
        throw ValidationError("Value provided in \(parameter) unused in expressions: keys: {\(unused)}")
    }
}
