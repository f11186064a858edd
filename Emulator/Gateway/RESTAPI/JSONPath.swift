import JSON

/// The part of JSONPath that mapping templates use: `$`, `.name`, `['name']`, `[0]`, `[-1]`, `[*]`, `.*`, `..name`.
struct JSONPath: Sendable {
    private enum Step: Sendable {
        case member(String)
        case element(Int)
        case all
        case anywhere(String)
    }

    private let steps: [Step]

    /// Whether it can lead to several values, which are then a list.
    let isIndefinite: Bool

    init?(_ text: String) {
        var rest = Array(text)[...]
        guard rest.popFirst() == "$" else { return nil }
        var steps: [Step] = []
        while let mark = rest.popFirst() {
            switch mark {
            case ".":
                let isDeep = rest.first == "."
                if isDeep { rest.removeFirst() }
                let name = String(rest.prefix { $0 != "." && $0 != "[" })
                guard !name.isEmpty else { return nil }
                rest = rest.dropFirst(name.count)
                steps.append(isDeep ? .anywhere(name) : name == "*" ? .all : .member(name))
            case "[":
                guard let step = Self.bracket(&rest) else { return nil }
                steps.append(step)
            default: return nil
            }
        }
        self.steps = steps
        isIndefinite = steps.contains {
            switch $0 {
            case .all, .anywhere: true
            case .member, .element: false
            }
        }
    }

    private static func bracket(_ rest: inout ArraySlice<Character>) -> Step? {
        if let quote = rest.first, quote == "'" || quote == "\"" {
            rest.removeFirst()
            let name = String(rest.prefix { $0 != quote })
            rest = rest.dropFirst(name.count + 1)
            guard rest.popFirst() == "]" else { return nil }
            return .member(name)
        }
        let text = String(rest.prefix { $0 != "]" })
        rest = rest.dropFirst(text.count)
        guard rest.popFirst() == "]" else { return nil }
        return text == "*" ? .all : Int(text).map { .element($0) }
    }

    /// All values that the path leads to.
    func values(in document: JSONValue) -> [JSONValue] {
        var found = [document]
        for step in steps { found = found.flatMap { Self.apply(step, to: $0) } }
        return found
    }

    /// The value, a list of them when the path can lead to several, or nil.
    func first(in document: JSONValue) -> JSONValue? {
        let found = values(in: document)
        return isIndefinite ? .array(found) : found.first
    }

    private static func apply(_ step: Step, to value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let name): return value[name].map { [$0] } ?? []
        case .element(let index):
            guard let list = value.array else { return [] }
            let place = index < 0 ? list.count + index : index
            return list.indices.contains(place) ? [list[place]] : []
        case .all: return value.array ?? value.object?.map(\.value) ?? []
        case .anywhere(let name):
            var found = value[name].map { [$0] } ?? []
            for child in value.array ?? value.object?.map(\.value) ?? [] {
                found += apply(step, to: child)
            }
            return found
        }
    }
}
