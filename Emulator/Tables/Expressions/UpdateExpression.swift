/// An UpdateExpression with its names and values filled in.
public struct UpdateExpression: Sendable {
    public enum Action: Sendable {
        case set(DocumentPath, SetValue)
        case remove(DocumentPath)
        case add(DocumentPath, AttributeValue)
        case delete(DocumentPath, AttributeValue)

        var path: DocumentPath {
            switch self {
            case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _): path
            }
        }
    }

    /// The right side of SET.
    public enum SetValue: Sendable {
        case operand(UpdateOperand)
        case sum(UpdateOperand, UpdateOperand)
        case difference(UpdateOperand, UpdateOperand)
    }

    public let actions: [Action]

    /// The places it changes.
    public var paths: [DocumentPath] { actions.map(\.path) }
    /// Paths that are read on the right side of SET.
    public let sources: [DocumentPath]
    /// What is thrown when ADD or DELETE meet a value of another type.
    let mismatch: ValidationError

    /// An update that did not come as text. Paths of actions must not overlap.
    /// - Parameters:
    ///   - sources: the paths that SET reads.
    ///   - mismatch: what to throw when ADD or DELETE meet a value of another type; nil stands for the text of
    ///     update expressions.
    public init(actions: [Action], sources: [DocumentPath] = [], mismatch: ValidationError? = nil) {
        self.actions = actions
        self.sources = sources
        self.mismatch = mismatch ?? Self.wrongOperand
    }

    /// An update of only REMOVE and DELETE does not create an item that is not there.
    public var createsItem: Bool {
        actions.contains { action in
            switch action {
            case .set, .add: true
            case .remove, .delete: false
            }
        }
    }

    /// More than ``writtenSize(in:)`` can exceed the size of the finished item by: no expression has room for
    /// an action in fewer than two bytes.
    public static let maximumOverhead = Parser.maximumBytes / 2 * 20

    /// What AWS measures of a lone UpdateItem beside the finished item, which it may not exceed either: the
    /// attributes written, 19 bytes for each SET and ADD, 2 for each REMOVE and DELETE, and 3 more.
    public func writtenSize(in new: Item) -> Int {
        actions.reduce(3) { sum, action in
            switch action {
            case .remove, .delete: sum + 2
            case .set(let path, _), .add(let path, _):
                sum + 19 + path.nameBytes + (path.value(in: new)?.size ?? 0)
            }
        }
    }

    /// - Throws: `ValidationError` that starts with `Invalid UpdateExpression: `.
    public static func parse(
        _ text: String, attributes: inout ExpressionAttributes
    ) throws(ValidationError) -> UpdateExpression {
        do throws(ValidationError) {
            let syntax = try ExpressionCache.update(text)
            var binder = UpdateBinder(attributes: attributes)
            let update = try binder.bind(syntax)
            attributes = binder.attributes
            return update
        } catch {
            throw ValidationError("Invalid UpdateExpression: \(error.message)")
        }
    }

    /// An update built without text, for other languages. Its names stand for themselves; its values are keys of
    /// the attributes' values.
    /// - Throws: `ValidationError` with the bare text.
    public static func build(
        _ actions: [SyntaxAction], attributes: inout ExpressionAttributes
    ) throws(ValidationError) -> UpdateExpression {
        var binder = UpdateBinder(attributes: attributes)
        let update = try binder.bind(Syntax(root: actions, faults: GrammarFaults()))
        attributes = binder.attributes
        return update
    }
}

/// A value on the right side of SET.
public indirect enum UpdateOperand: Sendable {
    case path(DocumentPath)
    case value(AttributeValue)
    case ifNotExists(DocumentPath, UpdateOperand)
    case listAppend(UpdateOperand, UpdateOperand)
}

/// Fills in an update. AWS reports one fault, by kind: reserved words, unknown functions, repeated sections,
/// names, values, overlapping and conflicting paths, operands of ADD and DELETE, operands of functions.
private struct UpdateBinder {
    var attributes: ExpressionAttributes
    var sources: [DocumentPath] = []
    private var valueFault: String?
    private var operandFault: String?
    private var functionFault: String?

    init(attributes: ExpressionAttributes) { self.attributes = attributes }

    mutating func bind(_ syntax: Syntax<[SyntaxAction]>) throws(ValidationError) -> UpdateExpression {
        let faults = syntax.faults
        if let first = faults.reserved ?? faults.unknownFunction ?? faults.section {
            throw ValidationError(first)
        }
        var actions: [UpdateExpression.Action] = []
        for action in syntax.root {
            if let bound = try bind(action) { actions.append(bound) }
        }
        if let valueFault { throw ValidationError(valueFault) }
        try DocumentPath.check(actions.map(\.path))
        if let fault = operandFault ?? functionFault { throw ValidationError(fault) }
        return UpdateExpression(actions: actions, sources: sources)
    }

    /// Nil when a value is missing; the fault has then been noted, because a missing name counts for more.
    private mutating func bind(_ action: SyntaxAction) throws(ValidationError) -> UpdateExpression.Action? {
        switch action {
        case .set(let path, let value):
            let target = try attributes.resolve(path)
            guard let bound = try bind(value) else { return nil }
            return .set(target, bound)
        case .remove(let path): return .remove(try attributes.resolve(path))
        case .add(let path, let reference):
            let target = try attributes.resolve(path)
            guard let value = literal(reference) else { return nil }
            if value.type != .n && !value.type.isSet { noteOperand("ADD", value) }
            return .add(target, value)
        case .delete(let path, let reference):
            let target = try attributes.resolve(path)
            guard let value = literal(reference) else { return nil }
            if !value.type.isSet { noteOperand("DELETE", value) }
            return .delete(target, value)
        }
    }

    private mutating func literal(_ reference: String) -> AttributeValue? {
        do throws(ValidationError) {
            return try attributes.value(reference)
        } catch {
            GrammarFaults.keepFirst(&valueFault, error.message)
            return nil
        }
    }

    private mutating func noteOperand(_ name: String, _ value: AttributeValue) {
        GrammarFaults.keepFirst(
            &operandFault,
            "Incorrect operand type for operator or function; operator: \(name), "
                + "operand type: \(value.type.longName)")
    }

    private mutating func bind(
        _ value: SyntaxSetValue
    ) throws(ValidationError) -> UpdateExpression.SetValue? {
        switch value {
        case .operand(let operand): return try self.operand(operand).map { .operand($0) }
        case .sum(let left, let right):
            guard let (a, b) = try pair("+", left, right) else { return nil }
            return .sum(a, b)
        case .difference(let left, let right):
            guard let (a, b) = try pair("-", left, right) else { return nil }
            return .difference(a, b)
        }
    }

    private mutating func pair(
        _ name: String, _ left: SyntaxOperand, _ right: SyntaxOperand
    ) throws(ValidationError) -> (UpdateOperand, UpdateOperand)? {
        let (a, b) = (try operand(left), try operand(right))
        guard let a, let b else { return nil }
        check(name, [a, b], require: .n)
        return (a, b)
    }

    private mutating func check(_ name: String, _ operands: [UpdateOperand], require type: AttributeType) {
        for operand in operands {
            if case .value(let value) = operand, value.type != type {
                GrammarFaults.keepFirst(
                    &functionFault,
                    "Incorrect operand type for operator or function; operator or function: \(name), "
                        + "operand type: \(value.typeName)")
            }
        }
    }

    private mutating func operand(_ syntax: SyntaxOperand) throws(ValidationError) -> UpdateOperand? {
        switch syntax {
        case .path(let path):
            let resolved = try attributes.resolve(path)
            sources.append(resolved)
            return .path(resolved)
        case .value(let reference): return literal(reference).map { .value($0) }
        case .function(let name, let arguments):
            var bound: [UpdateOperand] = []
            for argument in arguments {
                if let operand = try operand(argument) { bound.append(operand) }
            }
            guard bound.count == arguments.count else { return nil }
            return call(name, bound)
        }
    }

    private mutating func call(_ name: String, _ operands: [UpdateOperand]) -> UpdateOperand? {
        guard operands.count == 2 else {
            GrammarFaults.keepFirst(
                &functionFault,
                "Incorrect number of operands for operator or function; operator or function: \(name), "
                    + "number of operands: \(operands.count)")
            return .value(.null)
        }
        if name == "list_append" {
            check(name, operands, require: .l)
            return .listAppend(operands[0], operands[1])
        }
        guard case .path(let path) = operands[0] else {
            GrammarFaults.keepFirst(
                &functionFault, "Operator or function requires a document path; operator or function: \(name)"
            )
            return .value(.null)
        }
        return .ifNotExists(path, operands[1])
    }
}
