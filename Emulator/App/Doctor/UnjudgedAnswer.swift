import Bytes
import HTTPTypes
import JSON

/// Tells refusals that come before a caller's permissions are looked at from all other answers: who asked such a thing
/// has used no action. Pure.
enum UnjudgedAnswer {
    /// Of requests that are malformed, or whose signature is ("Common errors" of the services' API references).
    private static let codes: Set<String> = [
        "ValidationException", "ValidationError", "SerializationException", "UnknownOperationException",
        "InvalidSignatureException", "IncompleteSignatureException", "IncompleteSignature",
        "MissingAuthenticationTokenException", "MissingAuthenticationToken", "UnrecognizedClientException",
        "ExpiredTokenException", "RequestExpired", "SignatureDoesNotMatch", "InvalidAccessKeyId",
        "RequestTimeTooSkewed",
    ]
    /// Wrong method, no length, too large a body, what no service has.
    private static let statuses: Set<Int> = [405, 411, 413, 501]
    private static let longestBody = 1 << 20

    /// - Parameter isDocument: for a service of JSON documents, whose refusals all have the status 400.
    static func isOne(_ response: HTTPResponse, isDocument: Bool) -> Bool {
        guard response.status >= 400 else { return false }
        if statuses.contains(response.status) { return true }
        let code = code(of: response)
        if let code, codes.contains(code) { return true }
        switch response.status {
        case 400: return !isDocument
        // Without a body, as HEAD has it, nobody knows.
        case 401, 403: return code?.hasPrefix("AccessDenied") != true
        default: return false
        }
    }

    /// In the header of JSON services over paths, in `__type`, or in XML.
    private static func code(of response: HTTPResponse) -> String? {
        if let type = response.headers["x-amzn-ErrorType"] { return String(type.prefix { $0 != ":" }) }
        guard let bytes = response.body.bytes, !bytes.isEmpty, bytes.count <= longestBody else { return nil }
        if bytes.first == 0x7B {
            let type = (try? JSONValue.parse(bytes))?["__type"]?.string
            return type.map { String($0.split(separator: "#").last ?? "") }
        }
        let text = String(utf8: bytes)
        guard let start = text.firstRange(of: "<Code>"),
            let end = text[start.upperBound...].firstRange(of: "</Code>")
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }
}
