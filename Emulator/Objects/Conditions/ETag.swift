import Bytes

/// Comparing entity tags the way S3 does: quotes are optional, `*` is any.
enum ETag {
    static func quoted(_ etag: String) -> String { "\"\(etag)\"" }

    /// - Parameter list: one tag or several divided by commas.
    static func matches(_ list: String, _ etag: String) -> Bool {
        list.split(separator: ",").contains { part in
            let tag = unquoted(String(part))
            return tag == "*" || tag == etag
        }
    }

    static func unquoted(_ text: String) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text = text.dropLast() }
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
            text = text.dropFirst().dropLast()
        }
        return String(text)
    }
}
