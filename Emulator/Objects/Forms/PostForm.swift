import AWSProtocol
import Bytes

/// The fields of a POST form that precede its file (Amazon S3 API Reference, "POST Object").
package struct PostForm: Sendable, Equatable {
    /// All that may precede the file's content, bytes.
    static let maxBytesBeforeFile: Int64 = 20_480

    /// In the order sent, names as sent. Each name stands once, whatever its case: the values of a field that is
    /// sent several times are joined by commas, so that a policy judges all that is stored.
    package private(set) var fields: [(name: String, value: String)] = []

    /// Where fields stand, by their lower-case names.
    private var places: [String: Int] = [:]

    package init() {}

    /// The field of that name, whatever its case.
    package subscript(name: String) -> String? { places[name.lowercased()].map { fields[$0].value } }

    package mutating func add(_ name: String, _ value: [UInt8]) throws(AWSError) {
        guard let text = String(validating: value, as: UTF8.self) else { throw .malformedForm }
        if let place = places[name.lowercased()] {
            fields[place].value += ",\(text)"
        } else {
            places[name.lowercased()] = fields.count
            fields.append((name, text))
        }
    }

    /// Puts the file's name where a field asks for it. A path is cut: browsers of old sent one. Without a name
    /// the text stays as it is.
    package mutating func expand(filename: String?) {
        guard let filename else { return }
        let cut = filename.utf8.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        let name = cut.map { String(filename[filename.utf8.index(after: $0)...]) } ?? filename
        let signing = ["policy", "signature", "x-amz-signature"]
        for index in fields.indices where !signing.contains(fields[index].name.lowercased()) {
            fields[index].value = fields[index].value.split(
                separator: "${filename}", omittingEmptySubsequences: false
            ).joined(separator: name)
        }
    }

    package static func == (a: PostForm, b: PostForm) -> Bool {
        a.fields.elementsEqual(b.fields) {
            $0.name.bytes == $1.name.bytes && $0.value.bytes == $1.value.bytes
        }
    }
}

extension AWSError {
    static let malformedForm = AWSError(
        code: "MalformedPOSTRequest",
        message: "The body of your POST request is not well-formed multipart/form-data.")

    /// The spelling is S3's own.
    static let formTooLong = AWSError(
        code: "MaxPostPreDataLengthExceeded",
        message: "Your POST request fields preceeding the upload file was too large.",
        elements: [("MaxPostPreDataLengthBytes", String(PostForm.maxBytesBeforeFile))])

    static let fileMissing = AWSError.invalidArgument(
        "POST requires exactly one file upload per request.", name: "file", value: "0")

    static func tooLarge(_ proposed: Int64, max: Int64) -> AWSError {
        AWSError(
            code: "EntityTooLarge", message: "Your proposed upload exceeds the maximum allowed size",
            elements: [("ProposedSize", String(proposed)), ("MaxSizeAllowed", String(max))])
    }

    static func tooSmall(_ proposed: Int64, min: Int64) -> AWSError {
        AWSError(
            code: "EntityTooSmall", message: "Your proposed upload is smaller than the minimum allowed size",
            elements: [("ProposedSize", String(proposed)), ("MinSizeAllowed", String(min))])
    }
}
