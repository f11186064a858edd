import AWSProtocol
import JSON

/// Gathers what is wrong with the shape of a request: AWS tells all of it in one `ValidationException`.
struct ShapeChecks {
    private(set) var faults: [String] = []

    init() {}

    /// Notes that a value breaks a constraint.
    mutating func fault(_ value: String, at place: String, _ constraint: String) {
        faults.append(
            "Value '\(value)' at '\(place)' failed to satisfy constraint: Member must \(constraint)")
    }

    /// Notes a fault that has words of its own.
    mutating func note(_ text: String) { faults.append(text) }

    /// Notes that a value is missing.
    mutating func missing(_ place: String) {
        faults.append("Value null at '\(place)' failed to satisfy constraint: Member must not be null")
    }

    mutating func length(_ text: String, at place: String, in range: ClosedRange<Int>) {
        let count = text.unicodeScalars.count
        if count > range.upperBound {
            fault(text, at: place, "have length less than or equal to \(range.upperBound)")
        }
        if count < range.lowerBound {
            fault(text, at: place, "have length greater than or equal to \(range.lowerBound)")
        }
    }

    mutating func pattern(_ text: String, at place: String, _ pattern: String, fits: Bool) {
        if !fits { fault(text, at: place, "satisfy regular expression pattern: \(pattern)") }
    }

    mutating func value(_ number: Int, at place: String, in range: ClosedRange<Int>) {
        if number > range.upperBound {
            fault("\(number)", at: place, "have value less than or equal to \(range.upperBound)")
        }
        if number < range.lowerBound {
            fault("\(number)", at: place, "have value greater than or equal to \(range.lowerBound)")
        }
    }

    mutating func choice(_ text: String, at place: String, of values: [String]) {
        if !values.contains(text) {
            fault(text, at: place, "satisfy enum value set: [\(values.joined(separator: ", "))]")
        }
    }

    /// - Throws: one `ValidationException` for all that was noted.
    func finish() throws(AWSError) {
        guard !faults.isEmpty else { return }
        throw AWSError(
            code: "ValidationException", status: 400,
            message: "\(faults.count) validation error\(faults.count == 1 ? "" : "s") detected: "
                + faults.joined(separator: "; "))
    }
}

/// Reads members of a document by type; a wrong type is AWS's `SerializationException`, told at once.
struct DocumentReader {
    let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// A member that is there and not null.
    private func member(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { member(name) != nil }

    func string(_ name: String) throws(AWSError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.string else { throw Self.mismatch(value, "String") }
        return text
    }

    /// AWS's integers have 32 bits.
    func integer(_ name: String) throws(AWSError) -> Int? {
        guard let value = member(name) else { return nil }
        guard let number = value.int ?? value.double.flatMap({ Int(exactly: $0.rounded(.towardZero)) }),
            Int32(exactly: number) != nil
        else { throw Self.mismatch(value, "Integer") }
        return number
    }

    func boolean(_ name: String) throws(AWSError) -> Bool? {
        guard let value = member(name) else { return nil }
        guard let flag = value.bool else { throw Self.mismatch(value, "Boolean") }
        return flag
    }

    func structure(_ name: String) throws(AWSError) -> DocumentReader? {
        guard let value = member(name) else { return nil }
        guard let object = value.object else {
            throw LambdaError.serialization("Expected \(name) to be a structure or map.")
        }
        return DocumentReader(object)
    }

    /// A list of structures.
    func structures(_ name: String) throws(AWSError) -> [DocumentReader]? {
        guard let value = member(name) else { return nil }
        guard let list = value.array else { throw LambdaError.serialization("Expected list or null") }
        var readers: [DocumentReader] = []
        for element in list {
            guard let object = element.object else {
                throw LambdaError.serialization("Expected \(name) to be a structure or map.")
            }
            readers.append(DocumentReader(object))
        }
        return readers
    }

    func strings(_ name: String) throws(AWSError) -> [String]? {
        guard let value = member(name) else { return nil }
        guard let list = value.array else { throw LambdaError.serialization("Expected list or null") }
        var texts: [String] = []
        for element in list {
            guard let text = element.string else { throw Self.mismatch(element, "String") }
            texts.append(text)
        }
        return texts
    }

    /// A map of strings, in its order.
    func map(_ name: String) throws(AWSError) -> [(String, String)]? {
        guard let reader = try structure(name) else { return nil }
        var items: [(String, String)] = []
        for (key, value) in reader.object {
            guard let text = value.string else { throw Self.mismatch(value, "String") }
            items.append((key, text))
        }
        return items
    }

    private static func mismatch(_ value: JSONValue, _ wanted: String) -> AWSError {
        let kind =
            switch value {
            case .string: "STRING_VALUE"
            case .number(let number): number.int == nil ? "DECIMAL_VALUE" : "NUMBER_VALUE"
            case .bool(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
            case .null: "NULL_VALUE"
            case .array, .object: ""
            }
        if kind.isEmpty {
            return LambdaError.serialization("Start of structure or map found where not expected.")
        }
        return LambdaError.serialization(
            "\(kind) can not be converted to \(wanted == "Integer" ? "an" : "a") \(wanted)")
    }
}
