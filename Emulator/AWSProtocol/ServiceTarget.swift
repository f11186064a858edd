import HTTPTypes

/// The service that a request is for.
enum ServiceTarget: Sendable {
    case json(JSONService)
    case rest(RESTService)

    var isS3: Bool {
        if case .rest(let service) = self { service.style == .s3 } else { false }
    }

    var signingName: String {
        switch self {
        case .json(let service): service.signingName
        case .rest(let service): service.signingName
        }
    }
}

/// Finds the service from the request alone, by the clearest sign first: `X-Amz-Target`, then the
/// credential scope's service, then the host name, then what the services say about method and path.
/// Services may share a signing name, as DynamoDB and its streams do: then their targets tell them apart, and
/// a request without a known target is for the first of them.
struct ServiceDetection: Sendable {
    var jsonServices: [JSONService]
    var restServices: [RESTService]

    /// The operation that `X-Amz-Target` names.
    func operation(of request: HTTPRequest) -> (JSONService, String)? {
        request.headers.withValue(of: "X-Amz-Target") { target in
            for service in jsonServices {
                if let operation = service.operation(in: target) { return (service, operation) }
            }
            return nil
        } ?? nil
    }

    func service(for request: HTTPRequest) -> ServiceTarget? {
        if let (service, _) = operation(of: request) { return .json(service) }
        if request.isForWebsite { return restServices.first { $0.style == .s3 }.map { .rest($0) } }
        if let name = CredentialScopePeek.service(of: request), let found = named(name) { return found }
        if let found = byHost(request) { return found }
        // A bucket's own host, and a question with parameters, are for S3.
        let isBucket = VirtualHost(host: request.headers["Host"] ?? "") != .service
        if request.target == "/", request.method == "GET", !isBucket,
            let service = jsonServices.first(where: { $0.healthText != nil })
        {
            return .json(service)
        }
        if isJSONForm(request) || (!isBucket && isForNoBucket(request)), let service = jsonServices.first {
            return .json(service)
        }
        return restServices.first { $0.matches(request) }.map { .rest($0) }
    }

    /// What no REST service has a use for: a POST to the root that names a target or brings JSON 1.0, or a
    /// browser's question whether it may send one.
    private func isJSONForm(_ request: HTTPRequest) -> Bool {
        guard request.path == "/" else { return false }
        let headers = request.headers
        switch request.method {
        case "POST":
            return headers.contains("X-Amz-Target")
                || headers["Content-Type"]?.lowercased().hasPrefix("application/x-amz-json") == true
        case "OPTIONS":
            return headers["Access-Control-Request-Headers"]?.lowercased().contains("x-amz-target") == true
        default: return false
        }
    }

    /// Without a bucket S3 is only read, so a bare `/` with any other method is for the tables: a browser's
    /// question, or what they answer with 404.
    private func isForNoBucket(_ request: HTTPRequest) -> Bool {
        request.target == "/" && request.method != "GET" && request.method != "HEAD"
    }

    private func named(_ name: String) -> ServiceTarget? {
        if let service = jsonServices.first(where: { $0.signingName == name }) { return .json(service) }
        if let service = restServices.first(where: { $0.signingName == name }) { return .rest(service) }
        guard S3AuthenticationDialect.siblings[name] != nil else { return nil }
        return restServices.first { $0.signingName == "s3" }.map { .rest($0) }
    }

    /// Looks for a service's name among the labels of the host: `dynamodb.us-east-1.amazonaws.com`,
    /// `lambda.localhost`, `bucket.s3.eu-west-1.amazonaws.com`. A label left of the service's own can
    /// be anything (a bucket may be called `lambda`), so the rightmost hit decides.
    private func byHost(_ request: HTTPRequest) -> ServiceTarget? {
        guard let host = request.headers["Host"] else { return nil }
        let labels = host.prefix { $0 != ":" }.split(separator: ".").map { $0.lowercased() }
        guard labels.count > 1 else { return nil }
        for label in labels.reversed() {
            if let found = named(label) { return found }
        }
        return nil
    }
}

/// Reads the service out of a credential scope without judging the rest of the request.
enum CredentialScopePeek {
    static func service(of request: HTTPRequest) -> String? {
        let inHeader = request.headers.withValue(of: "Authorization") { header in
            let header = header.assumingMemoryBound(to: UInt8.self)
            // Only S3 knows Signature Version 2, which has no scope.
            if header.starts(with: SignatureV2Claim.scheme.utf8) { return "s3" as String? }
            return AuthorizationHeader.credential(in: header).flatMap { service(inCredential: $0) }
        }
        if let inHeader { return inHeader }
        if SignatureV2Claim.isPresent(in: request) { return "s3" }
        var credential = SignedQuery(rawQuery: request.rawQuery)["X-Amz-Credential"]
        return credential?.withUTF8 { service(inCredential: $0) }
    }

    /// The last but one of at least five parts.
    private static func service(inCredential bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var slashes = 0
        var (start, end) = (0, 0)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
            slashes += 1
            (start, end) = (end, index)
        }
        return slashes >= 4 ? String(decoding: bytes[(start + 1)..<end], as: UTF8.self) : nil
    }
}
