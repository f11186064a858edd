import Bytes
import Clock

/// How S3 words an authentication failure (Amazon S3 API Reference, "Error Responses").
enum S3AuthenticationDialect {
    static func error(for failure: AuthenticationFailure, location: SignatureLocation) -> AWSError {
        switch failure {
        case .missing:
            return denied("Access Denied")
        case .twoMechanisms(let header):
            return argument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                    + "string parameter or the Authorization header should be specified",
                name: "Authorization", value: header)
        case .unsupportedScheme(""): return denied("Access Denied")
        case .malformedHeaderV2(let header):
            return argument(
                "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
                name: "Authorization", value: header)
        case .unsupportedScheme(let header):
            return argument("Unsupported Authorization Type", name: "Authorization", value: header)
        case .incompleteHeader(let missing, _, _):
            if missing.isEmpty {
                return denied("AWS authentication requires a valid Date or x-amz-date header")
            }
            return malformed(
                "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
                location)
        case .incompleteQuery:
            return AWSError(
                code: "AuthorizationQueryParametersError",
                message: "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                    + "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                    + "X-Amz-Expires parameters.")
        case .incompleteQueryV2:
            return denied(
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
        case .malformedEpoch(let text):
            return denied("Invalid date (should be seconds since epoch): \(text)")
        case .unsupportedAlgorithm(let name):
            if location == .header {
                return argument("Unsupported Authorization Type", name: "Authorization", value: name)
            }
            return query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        case .malformedCredential, .emptyAccessKey, .wrongRegion, .wrongService, .wrongTerminator,
            .malformedScopeDate,
            .scopeDateDiffers:
            return scopeError(failure, location)
        case .malformedDate:
            if location == .header {
                return denied("AWS authentication requires a valid Date or x-amz-date header")
            }
            return query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        case .expires(let problem):
            return query(expiresText(problem))
        case .expired, .notYetValid, .skewed:
            return timeError(failure)
        case .unknownAccessKey(let key):
            return AWSError(
                code: "InvalidAccessKeyId", status: 403,
                message: "The AWS Access Key Id you provided does not exist in our records.",
                elements: [("AWSAccessKeyId", key)])
        case .wrongToken(let token):
            return AWSError(
                code: "InvalidToken",
                message: "The provided token is malformed or otherwise invalid.",
                elements: token.map { [("Token-0", $0)] } ?? [])
        case .hostNotSigned:
            return notSigned(["host"])
        case .headersNotSigned(let names):
            return notSigned(names)
        case .signatureMismatch(let key, let text, let provided, let canonical):
            return mismatch(key: key, stringToSign: text, provided: provided, canonical: canonical)
        case .missingContentHash, .malformedContentHash, .contentHashDiffers:
            return contentHashError(failure)
        }
    }

    private static func denied(_ message: String, _ elements: [(String, String)] = []) -> AWSError {
        AWSError(code: "AccessDenied", status: 403, message: message, elements: elements)
    }

    private static func argument(_ message: String, name: String, value: String?) -> AWSError {
        var elements = [("ArgumentName", name)]
        if let value { elements.append(("ArgumentValue", value)) }
        return AWSError(code: "InvalidArgument", message: message, elements: elements)
    }

    private static func query(_ message: String) -> AWSError {
        AWSError(code: "AuthorizationQueryParametersError", message: message)
    }

    private static func notSigned(_ names: [String]) -> AWSError {
        denied(
            "There were headers present in the request which were not signed",
            [("HeadersNotSigned", names.joined(separator: ", "))])
    }

    private static func malformed(_ reason: String, _ location: SignatureLocation) -> AWSError {
        switch location {
        case .header:
            AWSError(
                code: "AuthorizationHeaderMalformed",
                message: "The authorization header is malformed; \(reason)")
        case .query: query("Error parsing the X-Amz-Credential parameter; \(reason)")
        }
    }

    /// The services that share S3's protocol: who signs for one of them wants what is not here.
    static let siblings = [
        "s3express": "Directory buckets", "s3-object-lambda": "Object Lambda access points",
        "s3-outposts": "Outposts",
    ]

    private static func scopeError(
        _ failure: AuthenticationFailure, _ location: SignatureLocation
    ) -> AWSError {
        switch failure {
        case .emptyAccessKey:
            return malformed("a non-empty Access Key (AKID) must be provided in the credential.", location)
        case .wrongRegion(let region, let expected):
            var error = malformed("the region '\(region)' is wrong; expecting '\(expected)'", location)
            error.elements = [("Region", expected)]
            return error
        case .wrongService(let service, let expected):
            if let missing = siblings[service] {
                return AWSError(
                    code: "NotImplemented", status: 501,
                    message: "\(missing) are not supported by this emulator.")
            }
            return malformed(
                "incorrect service \"\(service)\". This endpoint belongs to \"\(expected)\".", location)
        case .wrongTerminator(let terminator):
            return malformed(
                "incorrect terminal \"\(terminator)\". This endpoint uses \"aws4_request\".", location)
        case .malformedScopeDate(let date):
            return malformed(
                "incorrect date format \"\(date)\". This date in the credential must be in the format "
                    + "\"yyyyMMdd\".", location)
        case .scopeDateDiffers(let scope, let timestamp):
            return malformed(
                "Invalid credential date \"\(scope)\". This date is not the same as X-Amz-Date: "
                    + "\"\(timestamp.prefix(8))\".", location)
        default:
            return malformed(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
                location)
        }
    }

    private static func expiresText(_ problem: AuthenticationFailure.ExpiresProblem) -> String {
        switch problem {
        case .notANumber: "X-Amz-Expires should be a number"
        case .negative: "X-Amz-Expires must be non-negative"
        case .beyondAWeek: "X-Amz-Expires must be less than a week (in seconds) that is 604800"
        }
    }

    private static func timeError(_ failure: AuthenticationFailure) -> AWSError {
        switch failure {
        case .expired(let end, let seconds, let now):
            denied(
                "Request has expired",
                (seconds.map { [("X-Amz-Expires", String($0))] } ?? [])
                    + [("Expires", end.iso8601Seconds), ("ServerTime", now.iso8601Seconds)])
        case .skewed(let timestamp, _, let now):
            AWSError(
                code: "RequestTimeTooSkewed", status: 403,
                message: "The difference between the request time and the current time is too large.",
                elements: [
                    ("RequestTime", timestamp), ("ServerTime", now.iso8601Seconds),
                    (
                        "MaxAllowedSkewMilliseconds",
                        String(AuthenticationFailure.allowedSkewMilliseconds)
                    ),
                ])
        default:
            denied("Request is not yet valid")
        }
    }

    private static func mismatch(
        key: String, stringToSign: String, provided: String, canonical: String?
    ) -> AWSError {
        var elements = [
            ("AWSAccessKeyId", key), ("StringToSign", stringToSign), ("SignatureProvided", provided),
            ("StringToSignBytes", spacedHex(stringToSign)),
        ]
        if let canonical {
            elements += [
                ("CanonicalRequest", canonical), ("CanonicalRequestBytes", spacedHex(canonical)),
            ]
        }
        return AWSError(
            code: "SignatureDoesNotMatch", status: 403,
            message: "The request signature we calculated does not match the signature you provided. Check "
                + "your key and signing method.",
            elements: elements)
    }

    private static func contentHashError(_ failure: AuthenticationFailure) -> AWSError {
        switch failure {
        case .malformedContentHash(let value):
            return argument(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                    + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
                    + "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
                    + "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                name: "x-amz-content-sha256", value: value)
        case .contentHashDiffers(let claimed, let computed):
            return S3PayloadError.hashMismatch(claimed: claimed, computed: computed)
        default:
            return AWSError(
                code: "InvalidRequest",
                message: "Missing required header for this request: x-amz-content-sha256")
        }
    }

    private static func spacedHex(_ text: String) -> String {
        text.utf8.map { Hex.encode([$0]) }.joined(separator: " ")
    }
}

/// The error of a body that is not the one which was signed. Public since S3 finds it for large bodies
/// itself, while it reads them.
public enum S3PayloadError {
    public static func hashMismatch(claimed: String, computed: String) -> AWSError {
        AWSError(
            code: "XAmzContentSHA256Mismatch",
            message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
            elements: [
                ("ClientComputedContentSHA256", claimed), ("S3ComputedContentSHA256", computed),
            ])
    }
}
