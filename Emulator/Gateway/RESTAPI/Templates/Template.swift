/// A mapping template: the part of the Velocity Template Language that API Gateway's own documents use. Parsed once,
/// when the manifest is read.
///
/// References with properties, calls and indices, `#set`, `#if`, `#elseif`, `#else`, `#foreach`, `#break`, `#stop`,
/// comments; strings, numbers, lists, maps and ranges; arithmetic, comparison and logic.
public struct Template: Sendable {
    indirect enum Node: Sendable {
        case text(String)
        case reference(Reference)
        case set(Reference, Expression)
        case branch([(condition: Expression, body: [Node])], otherwise: [Node])
        case loop(variable: String, over: Expression, body: [Node])
        case leave
        case stop
    }

    struct Reference: Sendable {
        let name: String
        let accessors: [Accessor]
        /// `$!name`: nothing is printed for what is not there.
        let isQuiet: Bool
        /// As it is written, which is what is printed for what is not there.
        let source: String
    }

    indirect enum Accessor: Sendable {
        case property(String)
        case call(String, [Expression])
        case index(Expression)
    }

    indirect enum Expression: Sendable {
        case text(String)
        /// In double quotes: references in it are replaced.
        case interpolated([Node])
        case number(Double)
        case bool(Bool)
        case null
        case reference(Reference)
        case list([Expression])
        case map([(key: Expression, value: Expression)])
        case range(Expression, Expression)
        case not(Expression)
        case binary(Operator, Expression, Expression)
    }

    enum Operator: String, Sendable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case more = ">"
        case atMost = "<="
        case atLeast = ">="
        case plus = "+"
        case minus = "-"
        case times = "*"
        case by = "/"
        case modulo = "%"

        /// Larger binds closer.
        var precedence: Int {
            switch self {
            case .or: 1
            case .and: 2
            case .equal, .unequal: 3
            case .less, .more, .atMost, .atLeast: 4
            case .plus, .minus: 5
            case .times, .by, .modulo: 6
            }
        }
    }

    let nodes: [Node]
    /// As it was given.
    public let source: String

    /// - Throws: `TemplateError` for what is no template.
    public init(_ source: String) throws(TemplateError) {
        self.source = source
        var parser = TemplateParser(source)
        nodes = try parser.template()
    }
}

extension Template {
    /// Whether a text is a regular expression, as selection patterns are.
    public static func isPattern(_ text: String) -> Bool { RegularExpression(text) != nil }
}

/// Why a text is no template.
public struct TemplateError: Error, Equatable, CustomStringConvertible {
    public let reason: String
    /// From 1.
    public let line: Int

    public var description: String { "line \(line): \(reason)" }
}
