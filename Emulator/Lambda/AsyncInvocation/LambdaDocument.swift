import AWSProtocol
import JSON

/// The JSON document of a request to the Lambda API.
struct LambdaDocument {
    let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    private func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { value(name) != nil }

    func string(_ name: String) throws(AWSError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw LambdaError.malformedDocument }
        return text
    }

    func bool(_ name: String) throws(AWSError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw LambdaError.malformedDocument }
        return flag
    }

    func object(_ name: String) throws(AWSError) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw LambdaError.malformedDocument }
        return object
    }

    func strings(_ name: String) throws(AWSError) -> [String]? {
        guard let value = value(name) else { return nil }
        guard let list = value.array else { throw LambdaError.malformedDocument }
        let texts = list.compactMap(\.string)
        guard texts.count == list.count else { throw LambdaError.malformedDocument }
        return texts
    }

    /// A map of texts.
    func texts(_ name: String) throws(AWSError) -> [(String, String)]? {
        guard let object = try object(name) else { return nil }
        let texts = object.compactMap { entry in entry.value.string.map { (entry.key, $0) } }
        guard texts.count == object.count else { throw LambdaError.malformedDocument }
        return texts
    }

    /// A whole number in a range; AWS names the member with a small letter when it is not.
    func integer(_ name: String, _ range: ClosedRange<Int>) throws(AWSError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int else { throw LambdaError.malformedDocument }
        let member = name.prefix(1).lowercased() + name.dropFirst()
        if number < range.lowerBound {
            throw LambdaError.validation(
                "\(number)", at: member, "have value greater than or equal to \(range.lowerBound)")
        }
        if number > range.upperBound {
            throw LambdaError.validation(
                "\(number)", at: member, "have value less than or equal to \(range.upperBound)")
        }
        return number
    }
}

extension LambdaError {
    static let malformedDocument = AWSError(
        code: "SerializationException", status: 400,
        message: "Could not parse request body into json: a member has the wrong type.")
}

/// A page of a list: `MaxItems` and `Marker` of the query.
struct LambdaPage {
    let limit: Int
    let marker: String

    init(_ request: LambdaRequest, largest: Int) throws(AWSError) {
        marker = request.query("Marker") ?? ""
        guard let text = request.query("MaxItems") else {
            limit = largest
            return
        }
        guard let number = Int(text), number >= 1 else {
            throw LambdaError.validation(text, at: "maxItems", "have value greater than or equal to 1")
        }
        limit = min(number, largest)
    }
}
