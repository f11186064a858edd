/// What a call was waiting for when its time was up.
public enum TimeoutPhase: String, Sendable {
    case connect, handshake, write, read
}

/// Why a call brought no response. No case carries a header or body of the request, so that the text
/// is safe to log.
public enum HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// The host name has no address.
    case resolve(String)
    case connect(String)
    case timeout(TimeoutPhase)
    /// The handshake failed or the certificate is not trusted for this host; OpenSSL's own reason.
    case tls(String)
    /// The peer, or the request itself, broke RFC 9110 or RFC 9112.
    case protocolViolation(String)
    /// The response exceeds ``HTTPClient/Options/maxResponseBytes``.
    case tooLarge
    /// The peer closed or reset the connection before the response was complete.
    case closed

    public var description: String {
        switch self {
        case .resolve(let reason): "cannot resolve \(reason)"
        case .connect(let reason): "cannot connect to \(reason)"
        case .timeout(let phase): "timed out (\(phase.rawValue))"
        case .tls(let reason): "TLS: \(reason)"
        case .protocolViolation(let reason): "HTTP protocol violation: \(reason)"
        case .tooLarge: "the response is larger than allowed"
        case .closed: "the peer closed the connection"
        }
    }
}
