import HTTPTypes

/// What a request says before its body, checked against RFC 9112.
package struct HTTPRequestHead: Sendable, Equatable {
    /// Where the body ends (RFC 9112, section 6.3).
    package enum Framing: Sendable, Equatable {
        case none
        /// At least 1.
        case length(Int64)
        case chunked
    }

    package var method = ""
    /// Origin form; an absolute one has become path and query, its authority the `Host` field.
    package var target = ""
    package var headers = HTTPHeaders()
    /// The minor version: 0 or 1.
    var minorVersion = 1
    var framing = Framing.none
    var keepsAlive = true
    var expectsContinue = false
}

/// Why a request is not understood; answered with `status`, then the connection closes because nobody
/// knows where the next request would begin.
package struct HTTPParseError: Error, Sendable, Equatable {
    package let status: Int
    package let reason: String

    static let tookTooLong = HTTPParseError("the request took too long", status: 408)

    init(_ reason: String, status: Int = 400) {
        self.status = status
        self.reason = reason
    }
}
