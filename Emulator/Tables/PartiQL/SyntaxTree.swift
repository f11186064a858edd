import Expressions

/// An expression of a statement as it was written.
struct Expression: Sendable {
    indirect enum Kind: Sendable, Equatable {
        case path([PathStep])
        case string(String)
        /// Its digits, with a sign when it is negative.
        case number(String)
        case bool(Bool)
        case null
        case missing
        /// The position among the parameters, from 0.
        case parameter(Int)
        case list([Expression])
        case bag([Expression])
        case tuple([TupleField])
        /// A call by its name in lower case.
        case call(String, [Expression])
        case select(SelectSyntax)
        case and([Expression])
        case or([Expression])
        case not(Expression)
        case comparison(Comparator, Expression, Expression)
        case between(Expression, Expression, Expression)
        case membership(Expression, Expression)
        case typeTest(Expression, String)
        /// `+`, `-` and operators that are refused later, by name.
        case operation(String, Expression, Expression)
        /// A sign before something that is no number.
        case sign(String, Expression)
    }

    let kind: Kind
    let position: SourcePosition
}

extension Expression: Equatable {
    /// Alike in what they say, wherever they stand.
    static func == (a: Expression, b: Expression) -> Bool { a.kind == b.kind }
}

enum PathStep: Sendable, Equatable {
    case name(String)
    case index(Int)

    /// Names are the same when their bytes are.
    static func == (a: PathStep, b: PathStep) -> Bool {
        switch (a, b) {
        case (.name(let a), .name(let b)): a.utf8.elementsEqual(b.utf8)
        case (.index(let a), .index(let b)): a == b
        default: false
        }
    }
}

struct TupleField: Sendable, Equatable {
    let name: String
    let value: Expression
}

/// The name of a table, or of a table and one of its indexes.
public struct SourceName: Sendable, Equatable {
    public let table: String
    public let index: String?
}

struct OrderTerm: Sendable, Equatable {
    let expression: Expression
    let isDescending: Bool
}

struct SelectSyntax: Sendable, Equatable {
    /// Nil for `*`.
    var columns: [Expression]?
    var source: SourceName
    var condition: Expression?
    var order: [OrderTerm]
}

enum ChangeSyntax: Sendable, Equatable {
    case set(Expression, Expression)
    case remove(Expression)
}

/// A RETURNING clause.
public struct Returning: Sendable, Equatable {
    /// MODIFIED rather than ALL.
    public let isModified: Bool
    /// NEW rather than OLD.
    public let isNew: Bool

    public init(isModified: Bool, isNew: Bool) {
        self.isModified = isModified
        self.isNew = isNew
    }
}

/// A statement as it was written.
enum StatementSyntax: Sendable, Equatable {
    case select(SelectSyntax)
    case insert(SourceName, Expression)
    case update(SourceName, [ChangeSyntax], Expression?, Returning?)
    case delete(SourceName, Expression?, Returning?)
    case exists(SelectSyntax)
}
