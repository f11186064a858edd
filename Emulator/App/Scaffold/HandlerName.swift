/// The name of a new handler: `greet`, as the function and its product are called; its module is `Greet`.
struct HandlerName: Sendable, Equatable {
    let function: String

    var module: String { function.prefix(1).uppercased() + function.dropFirst() }

    /// Modules of Swift itself, and types that everybody uses: a module of that name would hide them.
    private static let taken: Set<String> = [
        "Any", "Array", "Bool", "Character", "Data", "Dictionary", "Dispatch", "Double", "Error",
        "Foundation",
        "Glibc", "Int", "Main", "Optional", "Protocol", "Result", "Self", "Set", "String", "Swift", "Task",
        "Observation", "Synchronization", "Testing", "Type", "XCTest",
    ]
    /// Words that cannot name the handler's endpoint (The Swift Programming Language, "Keywords and Punctuation").
    private static let keywords: Set<String> = [
        "as", "associatedtype", "borrowing", "break", "case", "catch", "class", "consuming", "continue",
        "default",
        "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for",
        "func",
        "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil", "nonisolated",
        "operator",
        "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "self", "some",
        "static",
        "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var",
        "where",
        "while",
    ]

    /// - Throws: why it cannot be used, and what could be.
    init(_ text: String) throws(CommandFailure) {
        guard text.utf8.count <= 40, let first = text.first, first.isASCIILetter, first.isLowercase,
            text.utf8.count >= 2, text.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit })
        else {
            let hint = Self.suggestion(text).map { " '\($0)' would do." } ?? ""
            throw CommandFailure(
                .usage,
                "'\(text)' cannot be a handler's name: 2 to 40 letters and digits, the first a small letter.\(hint)"
            )
        }
        function = text
        guard !Self.keywords.contains(text) else {
            throw CommandFailure(
                .usage,
                "'\(text)' cannot be a handler's name: it is a word of Swift's own. '\(text)Item' would do.")
        }
        guard !module.hasSuffix("Tests") else {
            throw CommandFailure(
                .usage, "'\(text)' cannot be a handler's name: targets of tests end in 'Tests'.")
        }
        guard !Self.taken.contains(module) else {
            throw CommandFailure(
                .usage, "'\(text)' cannot be a handler's name: its module \(module) would hide Swift's own.")
        }
    }

    /// `Hello-world` becomes `helloWorld`.
    private static func suggestion(_ text: String) -> String? {
        let words = text.split { !$0.isASCIILetter && !$0.isASCIIDigit }.map { String($0) }
        guard let first = words.first, first.first?.isASCIILetter == true else { return nil }
        let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let name = (first.prefix(1).lowercased() + first.dropFirst() + rest.joined()).prefix(40)
        return name.utf8.count >= 2 ? String(name) : nil
    }
}
