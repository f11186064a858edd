import Bytes
import JSON
import LambdaEvents

/// One named input of a request, perhaps absent, from body, query, path or header. Its methods check it, and
/// what they throw names it: `field 'delta' must be ...`.
public struct Input: Sendable {
    /// How messages call it, for example `query parameter 'limit'`. Put together only when there is something to say.
    public var label: String { "\(place.rawValue) '\(prefix)\(name)'" }
    let place: Inputs.Place
    let prefix: String
    let name: String
    /// nil when absent; JSON null counts as absent, and so does an empty query parameter.
    public let value: JSONValue?
    /// Query, path and header values arrive as text, so numbers are read from text there, and only there.
    var isText: Bool { place != .field }

    public var isPresent: Bool { value != nil }

    /// A string that satisfies `rule`; nil when absent.
    public func text(_ rule: TextRule) throws(HandlerError) -> String? {
        guard let value else { return nil }
        guard let text = value.string else { throw .invalid(label, "must be a string") }
        guard rule.accepts(text) else { throw .invalid(label, "must be \(rule.description)") }
        return text
    }

    public func requiredText(_ rule: TextRule) throws(HandlerError) -> String {
        guard let text = try text(rule) else { throw .missing(label) }
        return text
    }

    /// A whole number in `range`; nil when absent. `5.0` is a whole number, `"5"` in a body is a string.
    public func integer(in range: ClosedRange<Int>) throws(HandlerError) -> Int? {
        guard let value else { return nil }
        let number = isText ? value.string.flatMap(strictInteger) : value.int
        guard let number, range.contains(number) else {
            throw .invalid(label, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public func requiredInteger(in range: ClosedRange<Int>) throws(HandlerError) -> Int {
        guard let number = try integer(in: range) else { throw .missing(label) }
        return number
    }

    /// A finite number in `range`; nil when absent.
    public func number(in range: ClosedRange<Double>) throws(HandlerError) -> Double? {
        guard let value else { return nil }
        let number = isText ? value.string.flatMap { JSONNumber(text: $0)?.double } : value.number?.double
        guard let number, number.isFinite, range.contains(number) else {
            throw .invalid(
                label,
                "must be a number from \(shortText(range.lowerBound)) to \(shortText(range.upperBound))")
        }
        return number
    }

    public func requiredNumber(in range: ClosedRange<Double>) throws(HandlerError) -> Double {
        guard let number = try number(in: range) else { throw .missing(label) }
        return number
    }

    /// One of a closed list of words; nil when absent.
    public func choice(_ words: [String]) throws(HandlerError) -> String? {
        guard let value else { return nil }
        guard let text = value.string, words.contains(text) else {
            throw .invalid(label, "must be one of \(words.joined(separator: ", "))")
        }
        return text
    }

    private func strictInteger(_ text: String) -> Int? {
        guard let number = JSONNumber(text: text) else { return nil }
        return number.int
    }

    private func shortText(_ bound: Double) -> String {
        bound == bound.rounded() ? String(Int(bound)) : String(bound)
    }
}

/// The inputs of a request from one place, looked up by name.
public struct Inputs: Sendable {
    enum Place: String {
        case field = "field"
        case query = "query parameter"
        case path = "path parameter"
    }

    let place: Place
    let object: JSONObject
    /// Prefix of field names inside nested values, such as `entries[2].`.
    let prefix: String

    /// The fields of a JSON object found in the body at `prefix`.
    public init(fields object: JSONObject, prefix: String = "") {
        self.place = .field
        self.object = object
        self.prefix = prefix
    }

    /// The fields of the event's JSON body.
    /// - Throws: 400 `MissingBody`, `InvalidBody` or `InvalidJSON`; 413 above `maximumJSONBytes`.
    public init(bodyOf event: HTTPAPIEvent) throws(HandlerError) {
        self.init(fields: try JSONBody.object(of: event))
    }

    public init(queryOf event: HTTPAPIEvent) {
        self.init(.query, event.queryStringParameters)
    }

    public init(path parameters: [String: String]) {
        self.init(.path, parameters)
    }

    private init(_ place: Place, _ texts: [String: String]) {
        var object = JSONObject()
        for (name, text) in texts where !(place == .query && text.isEmpty) { object[name] = .string(text) }
        self.place = place
        self.object = object
        self.prefix = ""
    }

    public subscript(name: String) -> Input {
        var value = object[name]
        if value == .some(.null) { value = Optional.none }
        return Input(place: place, prefix: prefix, name: name, value: value)
    }
}

/// Reads a JSON document from an event's body, plain or base64.
public enum JSONBody {
    /// Far above any valid request of these handlers, far below the gateway's limit.
    public static let maximumJSONBytes = 256 * 1024

    public static func object(of event: HTTPAPIEvent) throws(HandlerError) -> JSONObject {
        guard (event.body?.utf8.count ?? 0) <= 2 * maximumJSONBytes else { throw tooLarge }
        let bytes = try self.bytes(of: event)
        guard !bytes.isEmpty else {
            throw .badRequest("MissingBody", "the body is missing; send a JSON object")
        }
        guard bytes.count <= maximumJSONBytes else { throw tooLarge }
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: JSONLimits(maxDepth: 16, maxBytes: maximumJSONBytes))
        } catch {
            throw .badRequest(
                "InvalidJSON",
                "the body is not valid JSON: \(error.reason) at line \(error.line), column \(error.column)")
        }
        guard let object = value.object else {
            throw .badRequest("InvalidBody", "the body must be a JSON object")
        }
        return object
    }

    /// The body's bytes, base64 undone when the gateway says so.
    public static func bytes(of event: HTTPAPIEvent) throws(HandlerError) -> [UInt8] {
        do {
            return try event.bodyBytes()
        } catch {
            throw .badRequest("InvalidBody", "the body is not valid base64")
        }
    }

    private static var tooLarge: HandlerError {
        .tooLarge("the body is larger than \(maximumJSONBytes) bytes")
    }
}
