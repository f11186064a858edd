import Bytes
import JSON
import LambdaEvents

extension FieldDecoder {
    func requiredInt64(_ key: String) throws(EventDecodingError) -> Int64 {
        guard let number = try int64(key) else { throw missing(key) }
        return number
    }

    func double(_ key: String) throws(EventDecodingError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double else { throw wrongType(key, "a number", value) }
        return number
    }

    /// Lists of strings by name: headers and parameters that may be sent more than once.
    func stringLists(_ key: String) throws(EventDecodingError) -> [String: [String]] {
        guard value(key) != nil else { return [:] }
        let members = try nested(key)
        var lists: [String: [String]] = [:]
        for name in members.keys { lists[name] = try members.strings(name) }
        return lists
    }

    /// Strings by name; members that are null are left out.
    func stringMapWithoutNulls(_ key: String) throws(EventDecodingError) -> [String: String] {
        guard value(key) != nil else { return [:] }
        let members = try nested(key)
        var map: [String: String] = [:]
        for name in members.keys { map[name] = try members.string(name) }
        return map
    }

    func optional(_ key: String) throws(EventDecodingError) -> FieldDecoder? {
        guard let value = value(key) else { return nil }
        return try FieldDecoder(value, path: full(key))
    }

    /// A required array of objects.
    func objects(_ key: String) throws(EventDecodingError) -> [FieldDecoder] {
        guard let value = value(key) else { throw missing(key) }
        guard let elements = value.array else { throw wrongType(key, "an array of objects", value) }
        var decoders: [FieldDecoder] = []
        decoders.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            decoders.append(try FieldDecoder(element, path: "\(full(key))[\(index)]"))
        }
        return decoders
    }

    /// A required string that holds base64.
    func base64(_ key: String) throws(EventDecodingError) -> [UInt8] {
        guard let bytes = Base64.decode(try requiredString(key)) else {
            throw invalid(key, "is not base64")
        }
        return bytes
    }

    /// The members' names in their order.
    var keys: [String] { object.keys }

    /// All members as they came.
    var members: JSONObject { object }

    /// The object as a whole is wrong.
    func here(_ reason: String) -> EventDecodingError {
        EventDecodingError(field: path.isEmpty ? "event" : path, reason: reason)
    }

    func invalid(_ key: String, _ reason: String) -> EventDecodingError {
        EventDecodingError(field: full(key), reason: reason)
    }
}
