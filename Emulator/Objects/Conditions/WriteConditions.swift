import AWSProtocol

/// `If-None-Match: *` and `If-Match: etag` of a write.
struct WriteConditions: Sendable {
    private var mustBeAbsent = false
    private var mustMatch: String?

    var isEmpty: Bool { !mustBeAbsent && mustMatch == nil }
    var needsAbsence: Bool { mustBeAbsent }

    /// S3 takes only `*` in If-None-Match, and never `*` in If-Match.
    init(_ request: S3Request) throws(AWSError) {
        let none = request.http.headers["If-None-Match"]
        let match = request.http.headers["If-Match"]
        if none != nil, match != nil {
            throw .notImplementedHeader(
                "If-Match,If-None-Match", "Multiple conditional request headers present in the request")
        }
        if let none {
            guard ETag.unquoted(none) == "*" else { throw Self.unsupportedValue("If-None-Match") }
            mustBeAbsent = true
        }
        if let match {
            guard ETag.unquoted(match) != "*" else { throw Self.unsupportedValue("If-Match") }
            mustMatch = match
        }
    }

    /// - Parameter current: nil when there is no object under the key.
    func check(_ current: ObjectRecord?, key: [UInt8]) throws(AWSError) {
        if mustBeAbsent, current != nil { throw .preconditionFailed("If-None-Match") }
        guard let mustMatch else { return }
        guard let current else { throw .noSuchKey(key) }
        guard ETag.matches(mustMatch, current.etag) else { throw .preconditionFailed("If-Match") }
    }

    private static func unsupportedValue(_ header: String) -> AWSError {
        .notImplementedHeader(
            header, "We don't accept the provided value of \(header) header for this API")
    }
}
