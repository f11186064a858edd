import AWSProtocol
import Bytes
import Clock
import Objects

/// What holds for the parser of POST forms and for policies, whatever they are given.
public enum FormProperties {
    private struct Field: Equatable {
        var name: [UInt8]
        var filename: [UInt8]?
        var content: [UInt8] = []
    }

    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        let choice = source.byte()
        let pieces = 1 + Int(source.byte() % 64)
        let rest = Array(bytes.dropFirst(2))
        switch choice % 3 {
        case 0: try checkPieces(rest, pieces)
        case 1: try checkRoundTrip(rest, pieces)
        default: try checkPolicy(rest)
        }
    }

    /// The first line is the boundary, all else the body. Nil when it is refused.
    private static func parse(_ body: [UInt8], boundary: String, pieces: Int) -> [Field]? {
        guard var parser = MultipartFormParser(contentType: "multipart/form-data; boundary=\"\(boundary)\"")
        else { return nil }
        var fields: [Field] = []
        do {
            var start = 0
            while start < body.count {
                let end = min(start + pieces, body.count)
                try body[start..<end].withUnsafeBytes { piece in
                    try parser.feed(piece) { event in
                        switch event {
                        case .part(let part):
                            fields.append(Field(name: part.name.bytes, filename: part.filename?.bytes))
                        case .content(let content): fields[fields.count - 1].content += content
                        case .partEnd: break
                        }
                    }
                }
                start = end
            }
            try parser.finish()
            return fields
        } catch {
            return nil
        }
    }

    private static func checkPieces(_ bytes: [UInt8], _ pieces: Int) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        let boundary = source.line()
        let body = Array(bytes.dropFirst(boundary.utf8.count + 1))
        let whole = parse(body, boundary: boundary, pieces: max(1, body.count))
        let cut = parse(body, boundary: boundary, pieces: pieces)
        try require(whole == cut, "pieces of \(pieces) bytes make a difference")
    }

    /// Any content comes back, also when it resembles the boundary.
    private static func checkRoundTrip(_ content: [UInt8], _ pieces: Int) throws(PropertyFailure) {
        let boundary = "--b-\(pieces)"
        let delimiter = "\r\n--\(boundary)".bytes
        // A client chooses a boundary that its content does not have.
        guard !contains(content, delimiter), !content.starts(with: delimiter.dropFirst(2)) else { return }
        let head = "Content-Disposition: form-data; name=\"a\"\r\n\r\n".bytes
        let body =
            Array(delimiter.dropFirst(2)) + "\r\n".bytes + head + content + delimiter + "\r\n".bytes
            + "Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n".bytes + content
            + delimiter
            + "--\r\n".bytes
        let expected = [
            Field(name: "a".bytes, filename: nil, content: content),
            Field(name: "file".bytes, filename: "x".bytes, content: content),
        ]
        try require(parse(body, boundary: boundary, pieces: pieces) == expected, "another form came back")
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
    }

    /// No policy lets a form through after its end, and none that names another bucket.
    private static func checkPolicy(_ bytes: [UInt8]) throws(PropertyFailure) {
        guard let policy = try? PostPolicy(document: bytes) else { return }
        var form = PostForm()
        do throws(AWSError) {
            try form.add("key", "k".bytes)
            try form.add("Content-Type", "text/plain".bytes)
        } catch {
            throw PropertyFailure("a field is refused: \(error)")
        }
        form.expand(filename: "f")
        let late = try? policy.check(form, bucket: "bucket", now: policy.expiration + 1)
        try require(late == nil, "a policy holds after its expiration")
        let other = try? policy.check(form, bucket: "no policy has this name", now: policy.expiration)
        let names = policy.conditions.contains {
            if case .startsWith("bucket", let prefix, _) = $0 {
                "no policy has this name".hasPrefix(prefix)
            } else {
                false
            }
        }
        try require(other == nil || names, "a policy holds for another bucket")
        if let sizes = try? policy.check(form, bucket: "bucket", now: policy.expiration) {
            try require(sizes.min >= 0, "a negative size")
        }
    }
}
