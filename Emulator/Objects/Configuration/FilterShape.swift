import AWSProtocol

/// The `<Filter>` that several configurations have: one condition, or an `<And>` of at least two.
enum FilterShape {
    private static let tag = ElementShape.children([.required("Key", .text), .required("Value", .text)])

    /// - Parameter further: the name of one more condition that this kind of configuration knows.
    static func filter(with further: String? = nil) -> ElementShape {
        let conditions = [ChildShape.optional("Prefix", .text)]
        let others = further.map { [ChildShape.optional($0, .text)] } ?? []
        return .children(
            conditions + [.optional("Tag", tag)] + others
                + [.optional("And", .children(conditions + [.list("Tag", tag, 0...1000)] + others))])
    }

    /// - Throws: MalformedXML for several conditions without `<And>`, or an `<And>` of one.
    static func validate(_ filter: XMLElement?) throws(AWSError) {
        guard let filter else { return }
        guard filter.children.count <= 1 else { throw .malformedXML }
        guard let and = filter.child("And") else { return }
        guard and.children.count >= 2 else { throw .malformedXML }
        let keys = and.all("Tag").compactMap { $0["Key"] }
        guard Set(keys).count == keys.count else {
            throw .invalidRequest("Duplicate Tag Keys are not allowed.")
        }
    }
}

/// The names of buckets as Amazon Resource Names.
enum BucketARN {
    /// The bucket's name in `arn:aws:s3:::name`; nil for anything else.
    static func bucket(of arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "s3", parts[3].isEmpty, parts[4].isEmpty,
            !parts[5].isEmpty, !parts[5].contains("/")
        else { return nil }
        return String(parts[5])
    }
}
