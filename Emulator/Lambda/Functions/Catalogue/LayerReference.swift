/// One version of a layer, however its ARN is written.
struct LayerVersionKey: Hashable {
    let name: String
    let number: Int

    init(name: String, number: Int) {
        self.name = name
        self.number = number
    }

    /// nil for what is no ARN of a layer's version.
    init?(arn: String) {
        guard let reference = LayerReference(arn), let number = reference.version else { return nil }
        self.init(name: reference.name, number: number)
    }
}

/// A layer by its name, or by an ARN with or without a version.
struct LayerReference: Equatable {
    /// Region and account of an ARN; nil for a bare name.
    var region: String?
    var accountID: String?
    var name: String
    var version: Int?

    /// AWS's pattern for a layer's name in a path.
    static let pattern =
        #"(arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"#
        + #"[a-zA-Z0-9-_]{1,140}|[a-zA-Z0-9-_]{1,140})"#
    /// For ARNs of versions in a function's `Layers`.
    static let versionPattern =
        #"(arn:[a-zA-Z0-9-]+:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:\d{12}:layer:"#
        + #"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"#

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1 {
            guard Patterns.isWord(text), text.utf8.count <= 140 else { return nil }
            name = text
            return
        }
        guard (7...8).contains(parts.count), parts[0] == "arn", parts[1].hasPrefix("aws"),
            parts[2] == "lambda",
            Patterns.isRegion(parts[3]), Patterns.isAccount(parts[4]), parts[5] == "layer",
            Patterns.isWord(parts[6]), parts[6].utf8.count <= 140
        else { return nil }
        region = String(parts[3])
        accountID = String(parts[4])
        name = String(parts[6])
        guard parts.count == 8 else { return }
        guard let number = Int(parts[7]), number >= 0, Patterns.isDigits(parts[7]) else { return nil }
        version = number
    }
}
