import AWSProtocol
import Bytes

/// How a bucket answers as a web site (Amazon S3 API Reference, "WebsiteConfiguration").
struct WebsiteConfiguration: Sendable, Equatable {
    /// Where a redirect goes; what is nil stays as it was in the request.
    struct Redirect: Sendable, Equatable {
        var host: String?
        /// `http` or `https`.
        var scheme: String?
        var status = 301
        /// Takes the place of the whole key.
        var key: String?
        /// Takes the place of the prefix that the rule asks for.
        var keyPrefix: String?
    }

    struct RoutingRule: Sendable, Equatable {
        var prefix: String?
        var errorStatus: Int?
        var redirect: Redirect

        /// Whether the rule holds for a key.
        /// - Parameter status: of the error that the key led to; nil before the key is looked up.
        func fits(_ key: [UInt8], status: Int?) -> Bool {
            errorStatus == status && key.starts(with: (prefix ?? "").utf8)
        }
    }

    var redirectAll: Redirect?
    var indexSuffix: String
    var errorKey: String?
    var rules: [RoutingRule]

    // MARK: - Document

    private static let maxRules = 50
    private static let redirect = ElementShape.children([
        .optional("Protocol", .text), .optional("HostName", .text), .optional("ReplaceKeyPrefixWith", .text),
        .optional("ReplaceKeyWith", .text), .optional("HttpRedirectCode", .text),
    ])

    static let shape = DocumentShape(
        "WebsiteConfiguration",
        [
            .optional(
                "RedirectAllRequestsTo",
                .children([.required("HostName", .text), .optional("Protocol", .text)])),
            .optional("IndexDocument", .children([.optional("Suffix", .text)])),
            .optional("ErrorDocument", .children([.required("Key", .text)])),
            .optional(
                "RoutingRules",
                .children([
                    .list(
                        "RoutingRule",
                        .children([
                            .optional(
                                "Condition",
                                .children([
                                    .optional("KeyPrefixEquals", .text),
                                    .optional("HttpErrorCodeReturnedEquals", .text),
                                ])),
                            .required("Redirect", redirect),
                        ]), 1...1000)
                ])),
        ])

    /// Reads a document that was stored.
    init(_ tree: XMLElement) {
        redirectAll = tree.child("RedirectAllRequestsTo").map { Redirect($0) }
        indexSuffix = tree.child("IndexDocument")?["Suffix"] ?? ""
        errorKey = tree.child("ErrorDocument")?["Key"]
        rules = (tree.child("RoutingRules")?.all("RoutingRule") ?? []).map { rule in
            let condition = rule.child("Condition")
            return RoutingRule(
                prefix: condition?["KeyPrefixEquals"],
                errorStatus: condition?["HttpErrorCodeReturnedEquals"].flatMap { Int($0) },
                redirect: rule.child("Redirect").map { Redirect($0) } ?? Redirect())
        }
    }

    // MARK: - Judging

    /// - Parameter tree: of the right shape.
    /// - Throws: InvalidArgument, InvalidRequest, MalformedXML.
    static func validate(_ tree: XMLElement) throws(AWSError) {
        if let redirect = tree.child("RedirectAllRequestsTo") {
            guard tree.children.count == 1 else {
                throw .invalidArgument(
                    "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                    name: "RedirectAllRequestsTo", value: "not null")
            }
            return try checkProtocol(redirect)
        }
        guard let index = tree.child("IndexDocument") else {
            throw .invalidArgument(
                "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
                name: "IndexDocument", value: "null")
        }
        let suffix = index["Suffix"] ?? ""
        guard !suffix.isEmpty, !suffix.contains("/") else {
            throw .invalidArgument(
                "The IndexDocument Suffix is not well formed", name: "IndexDocument", value: suffix)
        }
        if tree.child("ErrorDocument")?["Key"]?.isEmpty == true { throw .malformedXML }
        let rules = tree.child("RoutingRules")?.all("RoutingRule") ?? []
        guard rules.count <= maxRules else {
            throw .invalidRequest(
                "\(rules.count) routing rules provided, the number of routing rules in a website "
                    + "configuration is limited to \(maxRules).")
        }
        for rule in rules { try validate(rule: rule) }
    }

    private static func validate(rule: XMLElement) throws(AWSError) {
        if let condition = rule.child("Condition") {
            guard !condition.children.isEmpty else {
                throw .invalidRequest(
                    "Condition cannot be empty. To redirect all requests without a condition, the condition "
                        + "element shouldn't be present.")
            }
            if let code = condition["HttpErrorCodeReturnedEquals"],
                !(Int(code).map { (400...599).contains($0) } ?? false)
            {
                throw .invalidRequest(
                    "The provided HTTP error code (\(code)) is not valid. Valid codes are 4XX or 5XX.")
            }
        }
        guard let redirect = rule.child("Redirect") else { throw .malformedXML }
        try checkProtocol(redirect)
        if redirect.child("ReplaceKeyPrefixWith") != nil, redirect.child("ReplaceKeyWith") != nil {
            throw .invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
        }
        if let code = redirect["HttpRedirectCode"],
            !(Int(code).map { (301...399).contains($0) } ?? false)
        {
            throw .invalidRequest(
                "The provided HTTP redirect code (\(code)) is not valid. Valid codes are 3XX except 300.")
        }
    }

    private static func checkProtocol(_ redirect: XMLElement) throws(AWSError) {
        guard let name = redirect["Protocol"], !["http", "https"].contains(name) else { return }
        throw .invalidRequest(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
                + "automatically.")
    }
}

extension WebsiteConfiguration.Redirect {
    init(_ element: XMLElement) {
        host = element["HostName"].flatMap { $0.isEmpty ? nil : $0 }
        scheme = element["Protocol"].flatMap { $0.isEmpty ? nil : $0 }
        status = element["HttpRedirectCode"].flatMap { Int($0) } ?? 301
        key = element["ReplaceKeyWith"]
        keyPrefix = element["ReplaceKeyPrefixWith"]
    }

    /// The new address of a request.
    /// - Parameters:
    ///   - key: that was asked for, not encoded.
    ///   - prefix: that the rule asked for.
    ///   - ownHost: of the request, with its port.
    ///   - query: as sent.
    func location(of key: [UInt8], prefix: String?, ownHost: String, query: String) -> String {
        let path: String
        if let replacement = self.key {
            path = Self.printable(replacement)
        } else if let keyPrefix {
            // S3 takes the text as it is: people write `#!/` or `page?key=` here.
            path = Self.printable(keyPrefix) + Self.encoded(Array(key.dropFirst((prefix ?? "").utf8.count)))
        } else {
            path = Self.encoded(key)
        }
        let base = "\(scheme ?? "http")://\(Self.printable(host ?? ownHost))/\(path)"
        return query.isEmpty ? base : base + (path.contains("?") ? "&" : "?") + query
    }

    private static func encoded(_ key: [UInt8]) -> String {
        PercentEncoding.encode(bytes: key, keeping: .unreservedAndSlash)
    }

    /// Nothing that would end a header line or leave ASCII.
    private static func printable(_ text: String) -> String {
        text.utf8.map { (0x21...0x7E).contains($0) ? String(UnicodeScalar($0)) : Self.encoded([$0]) }.joined()
    }
}
