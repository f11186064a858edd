extension JSONValue {
    /// The one JSON value in `bytes` (RFC 8259, strictly: no comments, no trailing commas, UTF-8
    /// only, no lone surrogates). Of members with the same name the last wins.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .init()
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            guard buffer.count <= limits.maxBytes else {
                throw JSONError(
                    reason: "the text has \(buffer.count) bytes, more than the limit of \(limits.maxBytes)",
                    offset: 0, line: 1, column: 1)
            }
            var parser = JSONParser(buffer, maxDepth: limits.maxDepth)
            return try parser.document()
        }
    }

    public static func parse(
        _ text: String, limits: JSONLimits = .init()
    ) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }
}
