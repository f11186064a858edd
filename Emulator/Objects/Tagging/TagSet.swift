import AWSProtocol
import Bytes

/// Reads, judges and writes sets of tags, the same for buckets and for objects (Amazon S3 User Guide,
/// "Categorizing your objects using tags"; AWS Billing User Guide, "User-defined tag restrictions").
enum TagSet {
    /// What the tags are for: S3 limits and words differ.
    enum Target: Sendable {
        case object, bucket
        /// A bucket that is being made, whose request may bring tags along.
        case newBucket

        fileprivate var maxTags: Int { self == .object ? 10 : 50 }

        fileprivate var tooMany: String {
            self == .object
                ? "Object tags cannot be greater than 10" : "Bucket tag count cannot be greater than 50"
        }

        fileprivate var reservedPrefix: String {
            switch self {
            case .object: "Your TagKey cannot be prefixed with aws:"
            case .bucket: "System tags cannot be added/updated by requester"
            case .newBucket:
                "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. "
                    + "Remove \"aws:\" from your tag keys and try again."
            }
        }
    }

    /// Unicode characters.
    private static let (maxKeyLength, maxValueLength) = (128, 256)

    // MARK: - Reading

    /// The tags of a `<Tagging>` document, valid and in the order sent.
    /// - Throws: MalformedXML, InvalidTag, BadRequest for too many.
    static func read(_ document: [UInt8], for target: Target) throws(AWSError) -> [Tag] {
        guard let root = try? XMLReader.parse(document), root.name == "Tagging", root.children.count == 1,
            let set = root.child("TagSet")
        else { throw .malformedXML }
        return try read(set, for: target)
    }

    /// The tags inside an element whose children are all `<Tag>`.
    /// - Throws: MalformedXML, InvalidTag, BadRequest for too many.
    static func read(_ set: XMLElement, for target: Target) throws(AWSError) -> [Tag] {
        var tags: [Tag] = []
        for element in set.children {
            guard element.name == "Tag", element.children.count == 2, let key = element["Key"],
                let value = element["Value"]
            else { throw .malformedXML }
            tags.append(Tag(key: key, value: value))
        }
        try validate(tags, for: target)
        return tags
    }

    /// The tags of an `x-amz-tagging` header: `a=1&b=2`, form-encoded. An empty header has none.
    /// - Throws: InvalidArgument, InvalidTag, BadRequest for too many.
    static func read(header: String) throws(AWSError) -> [Tag] {
        var tags: [Tag] = []
        for item in header.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = PercentEncoding.decode(String(parts[0]), plusIsSpace: true), !key.isEmpty,
                let value = PercentEncoding.decode(
                    parts.count > 1 ? String(parts[1]) : "", plusIsSpace: true),
                !tags.contains(where: { $0.key.isIdentical(to: key) })
            else { throw malformedHeader(header) }
            tags.append(Tag(key: key, value: value))
        }
        do throws(AWSError) {
            try validate(tags, for: .object)
        } catch {
            // A wrong character says here that the encoding is wrong.
            throw tags.contains(where: { !isAllowed($0.key) || !isAllowed($0.value) })
                ? malformedHeader(header) : error
        }
        return tags
    }

    private static func malformedHeader(_ header: String) -> AWSError {
        .invalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
                + "without tag name duplicates.", name: "x-amz-tagging", value: header)
    }

    // MARK: - Judging

    /// - Throws: InvalidTag for the first tag that S3 does not take, BadRequest for too many.
    static func validate(_ tags: [Tag], for target: Target) throws(AWSError) {
        guard tags.count <= target.maxTags else {
            throw AWSError(code: "BadRequest", message: target.tooMany)
        }
        for (index, tag) in tags.enumerated() {
            let key = ("TagKey", tag.key)
            if tags[..<index].contains(where: { $0.key.isIdentical(to: tag.key) }) {
                throw invalid("Cannot provide multiple Tags with the same key", key)
            }
            if tag.key.lowercased().hasPrefix("aws:") { throw invalid(target.reservedPrefix, key) }
            guard !tag.key.isEmpty, tag.key.unicodeScalars.count <= maxKeyLength, isAllowed(tag.key) else {
                throw invalid("The TagKey you have provided is invalid", key)
            }
            guard tag.value.unicodeScalars.count <= maxValueLength, isAllowed(tag.value) else {
                throw invalid("The TagValue you have provided is invalid", key, ("TagValue", tag.value))
            }
        }
    }

    private static func invalid(_ message: String, _ elements: (String, String)...) -> AWSError {
        AWSError(code: "InvalidTag", message: message, elements: elements)
    }

    /// Letters, digits and spaces of any script, and `+ - = . _ : / @`.
    private static func isAllowed(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            if scalar.isASCII, "+-=._:/@ ".unicodeScalars.contains(scalar) { return true }
            return switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber, .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator,
                .paragraphSeparator:
                true
            default: false
            }
        }
    }

    // MARK: - Writing

    /// Writes `<TagSet>` with its tags.
    static func write(_ tags: [Tag], to xml: inout XMLWriter) {
        xml.element("TagSet") { xml in
            for tag in tags {
                xml.element("Tag") { xml in
                    xml.text("Key", tag.key)
                    xml.text("Value", tag.value)
                }
            }
        }
    }
}

extension String {
    /// Whether two texts are the same bytes; `==` takes two spellings of one Unicode character as equal.
    fileprivate func isIdentical(to other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
