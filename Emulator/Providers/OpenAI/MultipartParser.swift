/// Takes a `multipart/form-data` body apart (RFC 7578, RFC 2046).
struct MultipartParser {
    struct Part {
        let name: String
        let fileName: String?
        let content: ArraySlice<UInt8>
    }

    static let mostParts = 32
    static let largestPartHeader = 8_192

    /// The boundary of a Content-Type value; 1 to 70 characters.
    static func boundary(of contentType: String?) -> String? {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        for parameter in contentType.split(separator: ";").dropFirst() {
            let text = parameter.drop { $0 == " " }
            guard text.lowercased().hasPrefix("boundary=") else { continue }
            let value = text.dropFirst("boundary=".count).filter { $0 != "\"" }
            return (1...70).contains(value.utf8.count) ? String(value) : nil
        }
        return nil
    }

    /// nil when the body is no well-formed form with that boundary.
    static func parse(_ body: [UInt8], boundary: String) -> [Part]? {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let opening = Array("--\(boundary)".utf8)
        guard body.starts(with: opening) else { return nil }
        var parts: [Part] = []
        var position = opening.count
        while true {
            let rest = body[position...]
            if rest.starts(with: Array("--".utf8)) { return parts }
            guard rest.starts(with: Array("\r\n".utf8)), parts.count < mostParts,
                let end = find(delimiter, in: body, from: position + 2),
                let part = part(body[(position + 2)..<end])
            else { return nil }
            parts.append(part)
            position = end + delimiter.count
        }
    }

    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        let blank = Array("\r\n\r\n".utf8)
        let limit = min(bytes.endIndex, bytes.startIndex + largestPartHeader)
        guard let end = find(blank, in: Array(bytes[bytes.startIndex..<limit]), from: 0) else { return nil }
        let header = String(decoding: bytes[bytes.startIndex..<bytes.startIndex + end], as: UTF8.self)
        for line in header.split(separator: "\r\n")
        where line.lowercased().hasPrefix("content-disposition: form-data") {
            guard let name = value("name", in: line) else { return nil }
            return Part(
                name: name, fileName: value("filename", in: line),
                content: bytes[(bytes.startIndex + end + 4)...])
        }
        return nil
    }

    /// The quoted value of one parameter.
    private static func value(_ name: String, in line: Substring) -> String? {
        guard let start = line.range(of: "; \(name)=\"") else { return nil }
        let rest = line[start.upperBound...]
        return rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
    }

    static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count, start >= 0 else { return nil }
        var index = start
        while index <= bytes.count - needle.count {
            if bytes[index] == first, bytes[index..<index + needle.count].elementsEqual(needle) {
                return index
            }
            index += 1
        }
        return nil
    }
}

extension StringProtocol {
    /// The first occurrence of `text`, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
