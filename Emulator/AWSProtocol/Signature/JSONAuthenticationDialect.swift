import Clock

/// How JSON services, and Lambda, word an authentication failure.
enum JSONAuthenticationDialect {
    static let namespace = "com.amazon.coral.service"

    /// - Parameter status: 400 for JSON 1.0 services, 403 for Lambda.
    static func error(for failure: AuthenticationFailure, status: Int) -> AWSError {
        let (code, message) = text(for: failure)
        return AWSError(code: code, status: status, message: message, namespace: namespace)
    }

    private static func text(for failure: AuthenticationFailure) -> (code: String, message: String) {
        let invalid = "InvalidSignatureException"
        let incomplete = "IncompleteSignatureException"
        switch failure {
        // Signature Version 2 exists for S3 only; elsewhere its parameters mean nothing.
        case .missing, .unsupportedScheme, .incompleteQueryV2, .malformedEpoch, .malformedHeaderV2:
            return ("MissingAuthenticationTokenException", "Request is missing Authentication Token")
        case .twoMechanisms:
            return (
                invalid,
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
            )
        case .incompleteHeader(let missing, let lacksDate, let algorithm):
            return (incomplete, incompleteHeader(missing, lacksDate, algorithm))
        case .incompleteQuery(let missing):
            let sentences = missing.map { "AWS query-string parameters must include '\($0)'. " }.joined()
            return (incomplete, sentences + "Re-examine the query-string parameters.")
        case .unsupportedAlgorithm(let name):
            return (incomplete, "Unsupported AWS 'algorithm': '\(name)'.")
        case .malformedCredential(let credential), .emptyAccessKey(let credential):
            return (
                incomplete,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                    + "keyid/date/region/service/term, got '\(credential)'"
            )
        case .wrongRegion, .wrongService, .wrongTerminator, .malformedScopeDate, .scopeDateDiffers:
            return (invalid, scopeText(failure))
        case .malformedDate(let text):
            return (
                incomplete,
                "Date must be in ISO-8601 'basic format'. Got '\(text)'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601"
            )
        case .expires:
            return (incomplete, "X-Amz-Expires must be a number of seconds from 0 to 604800.")
        case .expired(let end, _, let now):
            return (
                invalid,
                "Signature expired: \(end.iso8601Basic) is now earlier than \(now.iso8601Basic)"
            )
        case .notYetValid(let sent, let now):
            return (invalid, skewText(sent.iso8601Basic, isLate: false, now: now))
        case .skewed(let timestamp, let sent, let now):
            return (invalid, skewText(timestamp, isLate: sent < now, now: now))
        case .unknownAccessKey, .wrongToken:
            return (
                "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        case .hostNotSigned:
            return (
                invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            )
        case .headersNotSigned(let names):
            return (invalid, "Headers are not signed: \(names.joined(separator: ", "))")
        case .signatureMismatch, .missingContentHash, .malformedContentHash, .contentHashDiffers:
            return (
                invalid,
                "The request signature we calculated does not match the signature you provided. Check your "
                    + "AWS Secret Access Key and signing method. Consult the service documentation for details."
            )
        }
    }

    private static func incompleteHeader(
        _ missing: [String], _ lacksDate: Bool, _ algorithm: String
    ) -> String {
        var text = missing.map { "Authorization header requires '\($0)' parameter. " }.joined()
        if lacksDate {
            text +=
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        }
        return text + "Authorization=\(algorithm)"
    }

    private static func scopeText(_ failure: AuthenticationFailure) -> String {
        switch failure {
        case .wrongRegion(let region, _):
            "Credential should be scoped to a valid region, not '\(region)'. "
        case .wrongService(_, let expected):
            "Credential should be scoped to correct service: '\(expected)'. "
        case .wrongTerminator(let terminator):
            "Credential should be scoped with a valid terminator: 'aws4_request', not '\(terminator)'. "
        case .malformedScopeDate(let date):
            "Date in Credential scope must be of the form YYYYMMDD, got '\(date)'. "
        case .scopeDateDiffers(let scope, let timestamp):
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + "'\(scope)' != '\(timestamp.prefix(8))', from '\(timestamp)'."
        default: ""
        }
    }

    private static func skewText(_ timestamp: String, isLate: Bool, now: Timestamp) -> String {
        let minutes = AuthenticationFailure.allowedSkewMinutes
        let skew = AuthenticationFailure.allowedSkewMilliseconds
        if isLate {
            return "Signature expired: \(timestamp) is now earlier than \((now - skew).iso8601Basic) "
                + "(\(now.iso8601Basic) - \(minutes) min.)"
        }
        return "Signature not yet current: \(timestamp) is still later than \((now + skew).iso8601Basic) "
            + "(\(now.iso8601Basic) + \(minutes) min.)"
    }
}
