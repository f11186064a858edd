import AWSProtocol

/// One rule of a bucket's CORS configuration, as the client wrote it.
struct CORSRule: Sendable, Equatable {
    var id: String?
    var allowedOrigins: [String]
    var allowedMethods: [String]
    var allowedHeaders: [String]
    var exposeHeaders: [String]
    var maxAgeSeconds: Int?

    static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "HEAD"]
    /// Characters.
    private static let maxIDLength = 255

    /// What S3 takes as one rule.
    static let shape = ElementShape.children([
        .optional("ID", .text), .list("AllowedHeader", .text, 0...10_000),
        .list("AllowedMethod", .text, 1...100), .list("AllowedOrigin", .text, 1...10_000),
        .list("ExposeHeader", .text, 0...10_000), .optional("MaxAgeSeconds", .integer),
    ])

    init(
        id: String?, allowedOrigins: [String], allowedMethods: [String], allowedHeaders: [String],
        exposeHeaders: [String], maxAgeSeconds: Int?
    ) {
        self.id = id
        self.allowedOrigins = allowedOrigins
        self.allowedMethods = allowedMethods
        self.allowedHeaders = allowedHeaders
        self.exposeHeaders = exposeHeaders
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// - Parameter xml: of the right shape.
    init(_ xml: XMLElement) {
        self.init(
            id: xml["ID"], allowedOrigins: xml.all("AllowedOrigin").map(\.text),
            allowedMethods: xml.all("AllowedMethod").map(\.text),
            allowedHeaders: xml.all("AllowedHeader").map(\.text),
            exposeHeaders: xml.all("ExposeHeader").map(\.text),
            maxAgeSeconds: xml["MaxAgeSeconds"].flatMap { Int($0) })
    }

    /// - Throws: `InvalidRequest` for a method that S3 does not let a rule name, or a wildcard too many;
    ///   `InvalidArgument` for a long id.
    func validate() throws(AWSError) {
        if let id, id.unicodeScalars.count > Self.maxIDLength {
            throw .invalidArgument(
                "ID length should not exceed allowed limit of \(Self.maxIDLength)", name: "ID", value: id)
        }
        if let method = allowedMethods.first(where: { !Self.methods.contains($0) }) {
            throw .invalidRequest(
                "Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
        }
        if let origin = allowedOrigins.first(where: Self.hasTwoWildcards) {
            throw .invalidRequest("AllowedOrigin \"\(origin)\" can not have more than one wildcard.")
        }
        if let header = allowedHeaders.first(where: Self.hasTwoWildcards) {
            throw .invalidRequest("AllowedHeader \"\(header)\" can not have more than one wildcard.")
        }
        if let header = exposeHeaders.first(where: { $0.contains("*") }) {
            throw .invalidRequest(
                "ExposeHeader \"\(header)\" contains wildcard. We currently do not support wildcard for "
                    + "ExposeHeader.")
        }
    }

    private static func hasTwoWildcards(_ pattern: String) -> Bool {
        pattern.utf8.filter { $0 == UInt8(ascii: "*") }.count > 1
    }

    func write(to xml: inout XMLWriter) {
        xml.element("CORSRule") { xml in
            if let id { xml.text("ID", id) }
            for header in allowedHeaders { xml.text("AllowedHeader", header) }
            for method in allowedMethods { xml.text("AllowedMethod", method) }
            for origin in allowedOrigins { xml.text("AllowedOrigin", origin) }
            for header in exposeHeaders { xml.text("ExposeHeader", header) }
            if let maxAgeSeconds { xml.text("MaxAgeSeconds", maxAgeSeconds) }
        }
    }
}
