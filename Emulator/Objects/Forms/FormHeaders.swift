import AWSProtocol
import Bytes
import HTTPTypes

/// A form's fields as the headers of a PUT that says the same.
enum FormHeaders {
    /// Fields that are called as the headers they stand for.
    private static let plain = [
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-MD5",
        "Content-Type", "Expires",
    ]
    /// `x-amz-` fields that sign the form, or would say something about a body that is sent otherwise.
    private static let signing: Set<String> = [
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token",
        "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-copy-source",
    ]

    static func headers(of form: PostForm) throws(AWSError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for name in plain {
            if let value = form[name] { headers.add(name, try checked(value, name)) }
        }
        for field in form.fields {
            let name = field.name.lowercased()
            guard name.hasPrefix("x-amz-"), !signing.contains(name), name.utf8.allSatisfy(isToken) else {
                continue
            }
            // User metadata may hold anything, for it is told as an encoded word.
            headers.add(
                name, name.hasPrefix("x-amz-meta-") ? field.value : try checked(field.value, field.name))
        }
        if let acl = form["acl"] { headers["x-amz-acl"] = try checked(acl, "acl") }
        if let tagging = form["tagging"] { headers["x-amz-tagging"] = try tags(tagging) }
        return headers
    }

    /// A form has tags as the document that PutObjectTagging takes; a header has them as a query.
    private static func tags(_ document: String) throws(AWSError) -> String? {
        guard let root = try? XMLReader.parse(document.bytes) else { throw .malformedXML }
        // S3 was seen to take any other document for one without tags.
        guard root.name == "Tagging" else { return nil }
        var items: [QueryItem] = []
        for tag in root.child("TagSet")?.all("Tag") ?? [] {
            guard let key = tag["Key"], let value = tag["Value"] else { throw .malformedXML }
            items.append(QueryItem(key, value))
        }
        return items.isEmpty ? nil : Query.encode(items)
    }

    /// A line end in a value would become a header of its own in some later answer.
    private static func checked(_ value: String, _ name: String) throws(AWSError) -> String {
        guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw .invalidArgument("Invalid header value.", name: name, value: nil)
        }
        return value
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E:
            true
        default: false
        }
    }
}
