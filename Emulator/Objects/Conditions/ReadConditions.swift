import AWSProtocol
import Clock

/// The four conditional headers of a read, or of a copy's source.
struct ReadConditions: Sendable {
    var ifMatch: String?
    var ifNoneMatch: String?
    var ifModifiedSince: Timestamp?
    var ifUnmodifiedSince: Timestamp?

    enum Outcome: Sendable, Equatable {
        case proceed
        case notModified
        /// The header that does not hold, in S3's spelling.
        case failed(String)
    }

    /// A date that cannot be read, and an `If-Modified-Since` of the future, count as absent.
    init(_ request: S3Request, prefix: String = "") {
        // Nearly no read has any, and one look at the headers tells.
        if prefix.isEmpty, !request.http.headers.containsField(where: { $0.isNameBeginning(with: "if-") }) {
            return
        }
        ifMatch = request.header(prefix + "If-Match")
        ifNoneMatch = request.header(prefix + "If-None-Match")
        ifUnmodifiedSince = request.header(prefix + "If-Unmodified-Since").flatMap(Self.date)
        ifModifiedSince = request.header(prefix + "If-Modified-Since").flatMap(Self.date)
        if let since = ifModifiedSince, since > request.context.now { ifModifiedSince = nil }
    }

    /// RFC 9110, 13.2.2: a tag outweighs a date on each side. Dates compare in whole seconds.
    func evaluate(etag: String, lastModified: Timestamp) -> Outcome {
        if let ifMatch {
            if !ETag.matches(ifMatch, etag) { return .failed("If-Match") }
        } else if let ifUnmodifiedSince, lastModified.seconds > ifUnmodifiedSince.seconds {
            return .failed("If-Unmodified-Since")
        }
        if let ifNoneMatch {
            if ETag.matches(ifNoneMatch, etag) { return .notModified }
        } else if let ifModifiedSince, lastModified.seconds <= ifModifiedSince.seconds {
            return .notModified
        }
        return .proceed
    }

    /// For the source of a copy each false condition is a failure, and a matching tag outweighs
    /// `If-Unmodified-Since` only.
    func checkCopySource(etag: String, lastModified: Timestamp) throws(AWSError) {
        let prefix = "x-amz-copy-source-"
        if let ifMatch {
            if !ETag.matches(ifMatch, etag) { throw .preconditionFailed(prefix + "If-Match") }
        } else if let ifUnmodifiedSince, lastModified.seconds > ifUnmodifiedSince.seconds {
            throw .preconditionFailed(prefix + "If-Unmodified-Since")
        }
        if let ifNoneMatch, ETag.matches(ifNoneMatch, etag) {
            throw .preconditionFailed(prefix + "If-None-Match")
        }
        if let ifModifiedSince, lastModified.seconds <= ifModifiedSince.seconds {
            throw .preconditionFailed(prefix + "If-Modified-Since")
        }
    }

    private static func date(_ text: String) -> Timestamp? {
        Timestamp(rfc1123: text) ?? Timestamp(iso8601: text)
    }
}
