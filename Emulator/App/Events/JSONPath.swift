import JSON

/// A place in a document: names with dots between them, indexes in brackets, names with other characters in
/// brackets and quotes: `Records[0].s3.object.key`, `headers["x.y"]`.
struct JSONPath: Sendable, Equatable, CustomStringConvertible {
    enum Step: Sendable, Equatable {
        case name(String)
        case index(Int)
    }

    var steps: [Step]

    init(_ steps: [Step]) { self.steps = steps }

    /// nil when `text` is no such path.
    init?(_ text: String) {
        var steps: [Step] = []
        var rest = text[...]
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                if inside.count >= 2, inside.first == "\"", inside.last == "\"" {
                    steps.append(.name(String(inside.dropFirst().dropLast())))
                } else if let index = Int(inside), index >= 0 {
                    steps.append(.index(index))
                } else {
                    return nil
                }
                rest = rest[rest.index(after: end)...]
                if rest.first == "." {
                    rest = rest.dropFirst()
                    if rest.isEmpty || rest.first == "." { return nil }
                }
            } else {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.name(String(name)))
                rest = rest[name.endIndex...]
                if rest.first == "." {
                    rest = rest.dropFirst()
                    if rest.isEmpty || rest.first == "[" { return nil }
                }
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .name(let name) where name.isEmpty || name.contains(where: { ".[]".contains($0) }):
                text += "[\"\(name)\"]"
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            }
        }
        return text
    }

    func appending(_ step: Step) -> JSONPath { JSONPath(steps + [step]) }

    /// Every place in a document, containers before what they hold.
    static func all(in value: JSONValue, at path: JSONPath = JSONPath([])) -> [JSONPath] {
        let own = path.steps.isEmpty ? [] : [path]
        switch value {
        case .object(let members):
            return own + members.flatMap { all(in: $0.value, at: path.appending(.name($0.key))) }
        case .array(let elements):
            return own + elements.enumerated().flatMap { all(in: $1, at: path.appending(.index($0))) }
        default: return own
        }
    }

    /// The value there; nil when there is none.
    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for step in steps {
            switch step {
            case .name(let name):
                guard let next = value[name] else { return nil }
                value = next
            case .index(let index):
                guard let next = value[index] else { return nil }
                value = next
            }
        }
        return value
    }
}
