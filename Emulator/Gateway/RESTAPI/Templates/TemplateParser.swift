/// Parses Velocity templates.
struct TemplateParser {
    let source: [Character]
    var position = 0
    private var depth = 0

    /// Directives inside each other.
    private static let deepest = 64

    init(_ text: String) { source = Array(text) }

    mutating func template() throws(TemplateError) -> [Template.Node] {
        let (nodes, end) = try block()
        if let end { throw failure("'#\(end)' has no beginning") }
        return nodes
    }

    func failure(_ reason: String) -> TemplateError {
        TemplateError(
            reason: reason, line: source[..<min(position, source.count)].count { $0.isNewline } + 1)
    }

    var next: Character? { position < source.count ? source[position] : nil }

    func looking(at text: String) -> Bool { source[position...].starts(with: text) }

    mutating func take(_ text: String) -> Bool {
        guard looking(at: text) else { return false }
        position += text.count
        return true
    }

    /// Nodes up to a directive that ends the block, which is named.
    private mutating func block() throws(TemplateError) -> ([Template.Node], String?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw failure("directives are nested too deeply") }
        var nodes: [Template.Node] = []
        var text = ""
        func flush() {
            if !text.isEmpty { nodes.append(.text(text)) }
            text = ""
        }
        while let character = next {
            if character == "\\", position + 1 < source.count, "$#\\".contains(source[position + 1]) {
                text.append(source[position + 1])
                position += 2
            } else if character == "$", let reference = try reference() {
                flush()
                nodes.append(.reference(reference))
            } else if character == "#", skipComment() {
                continue
            } else if character == "#", let directive = directiveName() {
                flush()
                if ["end", "else", "elseif"].contains(directive) { return (nodes, directive) }
                nodes.append(try self.directive(directive))
            } else {
                text.append(character)
                position += 1
            }
        }
        flush()
        return (nodes, nil)
    }

    private mutating func skipComment() -> Bool {
        if take("##") {
            while let character = next {
                position += 1
                if character.isNewline { break }
            }
            return true
        }
        guard take("#*") else { return false }
        while next != nil, !take("*#") { position += 1 }
        return true
    }

    private static let directives = ["set", "if", "elseif", "else", "end", "foreach", "break", "stop"]

    /// Takes `#name` or `#{name}`; nil when this is a plain `#`.
    private mutating func directiveName() -> String? {
        var place = position + 1
        let isBraced = place < source.count && source[place] == "{"
        if isBraced { place += 1 }
        let name = String(source[place...].prefix { $0.isLetter })
        place += name.count
        guard Self.directives.contains(name) else { return nil }
        if isBraced {
            guard place < source.count, source[place] == "}" else { return nil }
            place += 1
        }
        position = place
        if ["else", "end", "break", "stop"].contains(name) { skipRestOfLine() }
        return name
    }

    /// A line that holds only a directive leaves no line behind.
    private mutating func skipRestOfLine() {
        var place = position
        while place < source.count, source[place] == " " || source[place] == "\t" { place += 1 }
        if place < source.count, source[place].isNewline { position = place + 1 }
    }

    private mutating func directive(_ name: String) throws(TemplateError) -> Template.Node {
        switch name {
        case "set": return try assignment()
        case "if": return try branch()
        case "foreach": return try loop()
        case "break": return .leave
        default: return .stop
        }
    }

    private mutating func assignment() throws(TemplateError) -> Template.Node {
        try open("#set")
        guard next == "$", let target = try reference() else {
            throw failure("'#set' needs a variable: #set($name = value)")
        }
        skipSpace()
        guard take("=") else { throw failure("'#set' needs '=' behind its variable") }
        let value = try expression()
        try close("#set")
        return .set(target, value)
    }

    private mutating func branch() throws(TemplateError) -> Template.Node {
        var cases: [(condition: Template.Expression, body: [Template.Node])] = []
        while true {
            try open("#if")
            let condition = try expression()
            try close("#if")
            let (body, end) = try block()
            cases.append((condition, body))
            switch end {
            case "elseif": continue
            case "else":
                let (otherwise, last) = try block()
                guard last == "end" else { throw failure("'#else' has no '#end'") }
                return .branch(cases, otherwise: otherwise)
            case "end": return .branch(cases, otherwise: [])
            default: throw failure("'#if' has no '#end'")
            }
        }
    }

    private mutating func loop() throws(TemplateError) -> Template.Node {
        try open("#foreach")
        guard next == "$", let variable = try reference(), variable.accessors.isEmpty else {
            throw failure("'#foreach' needs a variable: #foreach($item in $list)")
        }
        skipSpace()
        guard take("in") else { throw failure("'#foreach' needs 'in' behind its variable") }
        let list = try expression()
        try close("#foreach")
        let (body, end) = try block()
        guard end == "end" else { throw failure("'#foreach' has no '#end'") }
        return .loop(variable: variable.name, over: list, body: body)
    }

    private mutating func open(_ directive: String) throws(TemplateError) {
        skipSpace()
        guard take("(") else { throw failure("'\(directive)' needs '('") }
        skipSpace()
    }

    private mutating func close(_ directive: String) throws(TemplateError) {
        skipSpace()
        guard take(")") else { throw failure("'\(directive)' needs ')'") }
        skipRestOfLine()
    }

    mutating func skipSpace() {
        while let character = next, character.isWhitespace { position += 1 }
    }

    /// `$name.property.call(…)[index]`, `${…}`, `$!…`; nil when this is a plain `$`.
    mutating func reference() throws(TemplateError) -> Template.Reference? {
        let start = position
        position += 1
        let isQuiet = take("!")
        let isBraced = take("{")
        let name = identifier()
        guard !name.isEmpty else {
            position = start
            // Not a reference: the caller takes it as text.
            return nil
        }
        var accessors: [Template.Accessor] = []
        while let accessor = try accessor() { accessors.append(accessor) }
        if isBraced {
            guard take("}") else { throw failure("'${\(name)' has no '}'") }
        }
        return Template.Reference(
            name: name, accessors: accessors, isQuiet: isQuiet, source: String(source[start..<position]))
    }

    private mutating func accessor() throws(TemplateError) -> Template.Accessor? {
        if next == "[" {
            position += 1
            let index = try expression()
            skipSpace()
            guard take("]") else { throw failure("'[' has no ']'") }
            return .index(index)
        }
        guard next == ".", position + 1 < source.count,
            source[position + 1].isLetter || source[position + 1] == "_"
        else { return nil }
        position += 1
        let name = identifier()
        guard take("(") else { return .property(name) }
        return .call(name, try expressions(until: ")"))
    }

    mutating func expressions(until end: String) throws(TemplateError) -> [Template.Expression] {
        var list: [Template.Expression] = []
        skipSpace()
        if take(end) { return list }
        while true {
            list.append(try expression())
            skipSpace()
            if take(end) { return list }
            guard take(",") else { throw failure("',' or '\(end)' is missing") }
        }
    }

    private mutating func identifier() -> String {
        guard let first = next, first.isLetter || first == "_" else { return "" }
        var name = source[position...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        // `$a-$b` is two references with a hyphen between them.
        while name.last == "-" { name.removeLast() }
        position += name.count
        return String(name)
    }
}
