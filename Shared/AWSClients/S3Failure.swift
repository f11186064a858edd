import Bytes
import HTTPTypes

/// S3's error document (Amazon S3 API Reference, "REST error responses").
enum S3Failure {
    static func error(from response: HTTPResponse) -> AWSServiceError {
        let document = String(utf8: response.body.bytes ?? [])
        return AWSServiceError(
            code: text(of: "Code", in: document) ?? code(for: response.status), status: response.status,
            message: text(of: "Message", in: document) ?? HTTPResponse.reason(response.status))
    }

    /// Names for answers without a body, as the SDKs give them.
    private static func code(for status: Int) -> String {
        switch status {
        case 400: "BadRequest"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 412: "PreconditionFailed"
        case 503: "ServiceUnavailable"
        default: status >= 500 ? "InternalError" : "UnknownError"
        }
    }

    /// The text of the first element `name`. Enough for a document whose elements of interest are
    /// never nested in one another and have no attributes.
    static func text(of name: String, in document: String) -> String? {
        let bytes = document.bytes
        guard let start = find("<\(name)>".bytes, in: bytes[...]) else { return nil }
        let rest = bytes[start.upperBound...]
        guard let end = find("</\(name)>".bytes, in: rest) else { return nil }
        return unescaped(String(decoding: rest[..<end.lowerBound], as: UTF8.self))
    }

    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        var index = bytes.startIndex
        while index + needle.count <= bytes.endIndex {
            if bytes[index..<index + needle.count].elementsEqual(needle) {
                return index..<index + needle.count
            }
            index += 1
        }
        return nil
    }

    /// Resolves the five entities XML defines.
    private static func unescaped(_ text: String) -> String {
        let entities = ["lt;": "<", "gt;": ">", "quot;": "\"", "apos;": "'", "amp;": "&"]
        var parts = text.split(separator: "&", omittingEmptySubsequences: false)[...]
        var result = String(parts.popFirst() ?? "")
        for part in parts {
            if let (entity, character) = entities.first(where: { part.hasPrefix($0.key) }) {
                result += character + part.dropFirst(entity.count)
            } else {
                result += "&" + part
            }
        }
        return result
    }
}
