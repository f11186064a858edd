import JSON

/// Renders a parsed template.
struct TemplateRenderer {
    let scope: TemplateScope
    private(set) var output = ""
    var variables: JSONObject
    private var document: JSONValue?
    private var isLeaving = false
    private var isStopped = false
    private var turns = 0

    /// "Quotas for configuring a REST API": iterations of a `#foreach` loop.
    private static let mostIterations = 1_000
    /// Bytes of output; nested loops end here.
    private static let longestOutput = 10 << 20
    /// Turns of all loops of one rendering: those without output end here.
    private static let mostTurns = 100_000

    init(_ scope: TemplateScope) {
        self.scope = scope
        variables = [
            "context": .object(scope.context), "stageVariables": .object(scope.stageVariables),
        ]
    }

    mutating func render(_ nodes: [Template.Node]) {
        for node in nodes {
            if isLeaving || isStopped { return }
            switch node {
            case .text(let text): output += text
            case .reference(let reference): output += text(of: reference)
            case .set(let target, let value): set(target, value)
            case .branch(let cases, let otherwise):
                if let chosen = cases.first(where: { Self.isTrue(value($0.condition)) }) {
                    render(chosen.body)
                } else {
                    render(otherwise)
                }
            case .loop(let variable, let over, let body): loop(variable, over, body)
            case .leave: isLeaving = true
            case .stop: isStopped = true
            }
            if output.utf8.count > Self.longestOutput { isStopped = true }
        }
    }

    private mutating func loop(
        _ variable: String, _ over: Template.Expression, _ body: [Template.Node]
    ) {
        let value = value(over)
        let elements = value?.array ?? value?.object?.map(\.value) ?? []
        let before = (variables[variable], variables["foreach"])
        for (index, element) in elements.prefix(Self.mostIterations).enumerated() {
            turns += 1
            guard turns <= Self.mostTurns else {
                isStopped = true
                break
            }
            variables[variable] = element
            variables["foreach"] = [
                "index": .number(JSONNumber(index)), "count": .number(JSONNumber(index + 1)),
                "hasNext": .bool(index < elements.count - 1),
            ]
            variables["velocityCount"] = .number(JSONNumber(index + 1))
            render(body)
            if isLeaving || isStopped { break }
        }
        isLeaving = false
        variables[variable] = before.0
        variables["foreach"] = before.1
    }

    private mutating func set(_ target: Template.Reference, _ expression: Template.Expression) {
        // Setting to what is not there leaves the variable as it was.
        guard let new = value(expression) else { return }
        var path: [String] = [target.name]
        for accessor in target.accessors {
            switch accessor {
            case .property(let name): path.append(name)
            case .index(let index):
                guard let key = value(index) else { return }
                path.append(TemplateText.plain(key))
            case .call: return
            }
        }
        variables = Self.setting(path[...], to: new, in: variables)
    }

    private static func setting(
        _ path: ArraySlice<String>, to value: JSONValue, in object: JSONObject
    ) -> JSONObject {
        var object = object
        guard let name = path.first else { return object }
        if path.count == 1 {
            object[name] = value
        } else if let list = object[name]?.array, let index = path.dropFirst().first.flatMap({ Int($0) }),
            list.indices.contains(index), path.count == 2
        {
            var list = list
            list[index] = value
            object[name] = .array(list)
        } else {
            object[name] = .object(setting(path.dropFirst(), to: value, in: object[name]?.object ?? [:]))
        }
        return object
    }

    private mutating func text(of reference: Template.Reference) -> String {
        if let value = value(of: reference) { return TemplateText.plain(value) }
        let isOwn = ["input", "util", "context", "stageVariables"].contains(reference.name)
        return reference.isQuiet || isOwn ? "" : reference.source
    }

    private static func isTrue(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null: false
        case .bool(let flag): flag
        default: true
        }
    }
}

// MARK: - Values

extension TemplateRenderer {
    mutating func value(_ expression: Template.Expression) -> JSONValue? {
        switch expression {
        case .text(let text): return .string(text)
        case .interpolated(let nodes):
            var inner = self
            inner.output = ""
            inner.render(nodes)
            turns = inner.turns
            if turns > Self.mostTurns { isStopped = true }
            return .string(inner.output)
        case .number(let number): return .number(JSONNumber(number))
        case .bool(let flag): return .bool(flag)
        case .null: return .null
        case .reference(let reference): return value(of: reference)
        case .list(let elements): return .array(elements.map { value($0) ?? .null })
        case .map(let members):
            var object = JSONObject()
            for (key, member) in members {
                object[TemplateText.plain(value(key) ?? .null)] = value(member) ?? .null
            }
            return .object(object)
        case .range(let first, let last):
            guard let first = value(first)?.int, let last = value(last)?.int else { return .array([]) }
            // Both may come from the request, as far apart as numbers can be.
            let (distance, isTooFar) = last.subtractingReportingOverflow(first)
            guard !isTooFar, distance.magnitude <= Self.mostIterations else { return .array([]) }
            let numbers = first <= last ? Array(first...last) : Array((last...first).reversed())
            return .array(numbers.map { .number(JSONNumber($0)) })
        case .not(let inner): return .bool(!Self.isTrue(value(inner)))
        case .binary(let symbol, let left, let right): return binary(symbol, left, right)
        }
    }

    private mutating func binary(
        _ symbol: Template.Operator, _ left: Template.Expression, _ right: Template.Expression
    ) -> JSONValue? {
        switch symbol {
        case .and: return .bool(Self.isTrue(value(left)) && Self.isTrue(value(right)))
        case .or: return .bool(Self.isTrue(value(left)) || Self.isTrue(value(right)))
        case .equal: return .bool(Self.areSame(value(left), value(right)))
        case .unequal: return .bool(!Self.areSame(value(left), value(right)))
        default: break
        }
        guard let first = value(left), let second = value(right) else { return nil }
        guard let a = first.double, let b = second.double else {
            return symbol == .plus
                ? .string(TemplateText.plain(first) + TemplateText.plain(second)) : nil
        }
        let isWhole = first.int != nil && second.int != nil
        switch symbol {
        case .less: return .bool(a < b)
        case .more: return .bool(a > b)
        case .atMost: return .bool(a <= b)
        case .atLeast: return .bool(a >= b)
        case .plus: return Self.number(a + b)
        case .minus: return Self.number(a - b)
        case .times: return Self.number(a * b)
        case .by: return b == 0 ? nil : Self.number(isWhole ? (a / b).rounded(.towardZero) : a / b)
        case .modulo: return b == 0 ? nil : Self.number(a.truncatingRemainder(dividingBy: b))
        default: return nil
        }
    }

    private static func number(_ value: Double) -> JSONValue? {
        value.isFinite ? .number(JSONNumber(value)) : nil
    }

    private static func areSame(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        let (left, right) = (left ?? .null, right ?? .null)
        if let a = left.number?.double, let b = right.number?.double { return a == b }
        if left.number != nil || right.number != nil || left.bool != nil || right.bool != nil {
            return !left.isNull && !right.isNull && TemplateText.plain(left) == TemplateText.plain(right)
        }
        return left == right
    }

    mutating func value(of reference: Template.Reference) -> JSONValue? {
        var accessors = reference.accessors[...]
        var current: JSONValue
        switch reference.name {
        case "input":
            guard let first = accessors.popFirst(), let found = input(first) else { return nil }
            current = found
        case "util":
            guard case .call(let name, let arguments) = accessors.popFirst(),
                let argument = arguments.first.flatMap({ value($0) }),
                let found = TemplateText.utility(name, argument)
            else { return nil }
            current = found
        default:
            guard let found = variables[reference.name] else { return nil }
            current = found
        }
        if accessors.count == 1, case .call(let name, let arguments) = accessors.first,
            reference.accessors.count == 1, let changed = mutation(name, arguments, of: current)
        {
            variables[reference.name] = changed.new
            return changed.result
        }
        for accessor in accessors {
            guard let found = access(accessor, of: current) else { return nil }
            current = found
        }
        return current
    }

    /// `$list.add(x)` and `$map.put(k, v)`.
    private mutating func mutation(
        _ name: String, _ arguments: [Template.Expression], of value: JSONValue
    ) -> (new: JSONValue, result: JSONValue)? {
        switch (name, value, arguments.count) {
        case ("add", .array(let list), 1):
            return (.array(list + [self.value(arguments[0]) ?? .null]), .bool(true))
        case ("put", .object(var object), 2):
            let key = TemplateText.plain(self.value(arguments[0]) ?? .null)
            let before = object[key] ?? .string("")
            object[key] = self.value(arguments[1]) ?? .null
            return (.object(object), before)
        default: return nil
        }
    }

    private mutating func access(_ accessor: Template.Accessor, of value: JSONValue) -> JSONValue? {
        switch accessor {
        case .property(let name): return value[name]
        case .index(let index):
            let key = self.value(index) ?? .null
            if let number = key.int, let list = value.array {
                return list.indices.contains(number) ? list[number] : nil
            }
            return value[TemplateText.plain(key)]
        case .call(let name, let arguments):
            return TemplateMethods.call(name, arguments.map { self.value($0) ?? .null }, of: value)
        }
    }

    private mutating func input(_ accessor: Template.Accessor) -> JSONValue? {
        switch accessor {
        case .property("body"): return .string(scope.body.isEmpty ? "{}" : scope.body)
        case .call("body", _): return .string(scope.body.isEmpty ? "{}" : scope.body)
        case .call("path", let arguments): return extract(arguments) ?? .string("")
        case .call("json", let arguments):
            return .string(extract(arguments)?.encodedString() ?? "\"\"")
        case .call("params", let arguments):
            guard let name = arguments.first.flatMap({ value($0) }).map({ TemplateText.plain($0) }) else {
                return .object(scope.parameters)
            }
            for place in ["path", "querystring"] {
                if let found = scope.parameters[place]?[name] { return found }
            }
            let headers = scope.parameters["header"]?.object ?? [:]
            return headers.first { $0.key.lowercased() == name.lowercased() }?.value ?? .string("")
        default: return nil
        }
    }

    private mutating func extract(_ arguments: [Template.Expression]) -> JSONValue? {
        let path = arguments.first.flatMap { value($0)?.string } ?? "$"
        if document == nil {
            document = (try? JSONValue.parse(scope.body)) ?? .object([:])
        }
        return document.flatMap { JSONPath(path)?.first(in: $0) }
    }
}
