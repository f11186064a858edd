import AWSProtocol
import Clock

extension PostPolicy {
    /// The sizes that the file may have, bytes, both bounds included.
    package struct SizeRange: Sendable, Equatable {
        package var min: Int64 = 0
        package var max = Int64.max

        func check(_ size: Int64) throws(AWSError) {
            if size > max { throw .tooLarge(size, max: max) }
            if size < min { throw .tooSmall(size, min: min) }
        }
    }

    /// What a form need not ask leave for. A checksum only describes the file and its fields are S3's newest, so
    /// old policies cannot name them.
    private static func isExempt(_ name: String) -> Bool {
        [
            "file", "policy", "signature", "awsaccesskeyid", "x-amz-signature",
            "x-amz-sdk-checksum-algorithm",
            "x-amz-checksum-algorithm",
        ].contains(name) || name.hasPrefix("x-ignore-") || name.hasPrefix("x-amz-checksum-")
    }

    /// Holds a form against the policy; the size of its file can be judged only later.
    /// - Throws: `AccessDenied`, with S3's reason.
    package func check(_ form: PostForm, bucket: String, now: Timestamp) throws(AWSError) -> SizeRange {
        if now > expiration { throw Self.refused("Policy expired.") }
        var sizes = SizeRange()
        var covered: Set<String> = []
        for condition in conditions {
            switch condition {
            case .equal(let field, let value, let text):
                guard let field, let sent = Self.value(field, form, bucket), Self.same(sent, value) else {
                    throw Self.failed(text)
                }
                covered.insert(field)
            case .startsWith(let field, let prefix, let text):
                guard let field, Self.holds(field, prefix, form, bucket) else { throw Self.failed(text) }
                covered.insert(field)
            case .length(let min, let max):
                sizes.min = Swift.max(sizes.min, min)
                sizes.max = Swift.min(sizes.max, max)
            case .never(let text): throw Self.failed(text)
            }
        }
        for name in form.fields.map(\.name) + ["bucket"] {
            let lower = name.lowercased()
            guard covered.contains(lower) || Self.isExempt(lower) else {
                throw Self.refused("Extra input fields: \(name)")
            }
        }
        return sizes
    }

    /// The bucket is the one that the form is sent to, whatever a field says.
    private static func value(_ field: String, _ form: PostForm, _ bucket: String) -> String? {
        field == "bucket" ? bucket : form[field]
    }

    private static func holds(
        _ field: String, _ prefix: String, _ form: PostForm, _ bucket: String
    ) -> Bool {
        guard let sent = value(field, form, bucket) else {
            // A header that the form leaves out has a default, which any prefix of nothing allows.
            return prefix.isEmpty && field.hasPrefix("x-amz-")
        }
        // Several content types are judged one by one.
        let values = field == "content-type" ? sent.split(separator: ",").map(String.init) : [sent]
        if values.isEmpty { return prefix.isEmpty }
        return values.allSatisfy { $0.drop { $0 == " " }.utf8.starts(with: prefix.utf8) }
            || values.count == 1 && sent.utf8.starts(with: prefix.utf8)
    }

    /// Byte by byte: what only looks alike is not the same.
    private static func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private static func failed(_ text: String) -> AWSError { refused("Policy Condition failed: \(text)") }

    private static func refused(_ reason: String) -> AWSError {
        .accessDenied("Invalid according to Policy: \(reason)")
    }
}
