/// What the grammar yields before `#name` and `:value` are replaced. It depends on the text alone, so it can
/// be kept and used again for every request with the same text.
public indirect enum SyntaxOperand: Sendable {
    case path(SyntaxPath)
    case value(String)
    case function(name: String, arguments: [SyntaxOperand])
}

public struct SyntaxPath: Sendable {
    public enum Element: Sendable {
        case name(String)
        /// With its leading `#`.
        case reference(String)
        case index(Int)
    }
    public var elements: [Element]

    public init(elements: [Element]) { self.elements = elements }
}

public enum Comparator: String, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

public indirect enum SyntaxCondition: Sendable {
    case comparison(Comparator, SyntaxOperand, SyntaxOperand)
    case between(SyntaxOperand, SyntaxOperand, SyntaxOperand)
    case membership(SyntaxOperand, [SyntaxOperand])
    case function(name: String, arguments: [SyntaxOperand])
    case and([SyntaxCondition])
    case or([SyntaxCondition])
    case not(SyntaxCondition)
}

/// The right side of one SET action.
public enum SyntaxSetValue: Sendable {
    case operand(SyntaxOperand)
    case sum(SyntaxOperand, SyntaxOperand)
    case difference(SyntaxOperand, SyntaxOperand)
}

public enum SyntaxAction: Sendable {
    case set(SyntaxPath, SyntaxSetValue)
    case remove(SyntaxPath)
    case add(SyntaxPath, String)
    case delete(SyntaxPath, String)
}

/// Mistakes that do not stop the parser. AWS reports one per expression, by kind rather than by place.
struct GrammarFaults: Sendable {
    var parentheses: String?
    var unknownFunction: String?
    var misusedFunction: String?
    var reserved: String?
    var section: String?

    static func keepFirst(_ slot: inout String?, _ message: @autoclosure () -> String) {
        if slot == nil { slot = message() }
    }
}

/// A parsed expression of any kind, with the faults found on the way.
struct Syntax<Root: Sendable>: Sendable {
    var root: Root
    var faults: GrammarFaults
}
