import JSON

/// A route selection expression: it makes a route key out of a message ("WebSocket selection expressions").
public struct RouteSelection: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case literal(String)
        /// Names and indexes that lead from the message to a value.
        case body([String])
    }

    /// Why an expression cannot be used, with the remedy.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// As it was written.
    public let text: String
    private let parts: [Part]

    private static let advice =
        "write $request.body.NAME, or several as ${request.body.NAME}/${request.body.OTHER}."

    /// - Parameter text: `$request.body.action`, `${request.body.a}/${request.body.b}` or a fixed key.
    public init(_ text: String) throws(Failure) {
        self.text = text
        if text == "$default" {
            parts = [.literal(text)]
            return
        }
        if text.hasPrefix("$"), !text.hasPrefix("${") {
            parts = [try Self.variable(text.dropFirst(), in: text)]
            return
        }
        var parts: [Part] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard rest.hasPrefix("${") else {
                let literal = rest.prefix { $0 != "$" }
                guard !literal.isEmpty else {
                    throw Failure(description: "'\(text)' has a '$' without '{'; \(Self.advice)")
                }
                parts.append(.literal(String(literal)))
                rest = rest.dropFirst(literal.count)
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw Failure(description: "'\(text)' has a '${' without '}'; \(Self.advice)")
            }
            parts.append(try Self.variable(rest[..<end].dropFirst(2), in: text))
            rest = rest[rest.index(after: end)...]
        }
        guard !parts.isEmpty else { throw Failure(description: "the expression is empty; \(Self.advice)") }
        self.parts = parts
    }

    private static func variable(_ name: Substring, in text: String) throws(Failure) -> Part {
        let prefix = "request.body"
        guard name.hasPrefix(prefix), [".", "["].contains(name.dropFirst(prefix.count).first) else {
            throw Failure(description: "'\(text)' asks for something else than the body; \(advice)")
        }
        // `a[0].b` and `a.[0].b` are the same path.
        let steps = name.dropFirst(prefix.count).split(whereSeparator: { ".[]".contains($0) }).map(
            String.init)
        guard !steps.isEmpty else {
            throw Failure(description: "'\(text)' does not say which member of the body; \(advice)")
        }
        return .body(steps)
    }

    /// The route key that a message asks for; nil when it is not JSON, or lacks a value that the expression names.
    public func key(of message: [UInt8]) -> String? {
        let body = try? JSONValue.parse(message)
        var key = ""
        for part in parts {
            switch part {
            case .literal(let text): key += text
            case .body(let steps):
                guard let text = body.flatMap({ Self.text($0, steps) }) else { return nil }
                key += text
            }
        }
        return key
    }

    private static func text(_ body: JSONValue, _ steps: [String]) -> String? {
        var value = body
        for step in steps {
            guard let next = value[step] ?? Int(step).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let bool): String(bool)
        case .null, .array, .object: nil
        }
    }
}
