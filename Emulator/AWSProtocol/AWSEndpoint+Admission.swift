import HTTPTypes

extension AWSEndpoint {
    /// What can be said of a request when only its head is there.
    public enum Admission: Sendable {
        /// The body may come, up to that many bytes as sent.
        case take(maxBytes: Int64)
        case refuse(HTTPResponse)
    }

    /// Room for an object of 5 GiB with the signatures of its chunks.
    private static let maxUploadBytes: Int64 = 5 << 30 + 1 << 28

    /// To be asked before the body of a long request, or of one that waits for `100 Continue`, is taken. Whoever is
    /// admitted is judged again with the body.
    public func admission(of head: HTTPRequest) -> Admission {
        guard let target = detection.service(for: head) else { return .take(maxBytes: 1 << 20) }
        var exchange = Exchange(request: head, target: target, context: context(for: target))
        if let limit = Self.bodyLimit(of: target) {
            let length = head.headers["Content-Length"].flatMap { Int64($0) } ?? 0
            return length <= limit ? .take(maxBytes: limit) : .refuse(finish(tooLarge(exchange), exchange))
        }
        if let response = authenticate(&exchange) { return .refuse(finish(response, exchange)) }
        if case .rest(let service) = target, let response = service.admit(head, exchange.context) {
            return .refuse(finish(response, exchange))
        }
        return .take(maxBytes: Self.maxUploadBytes)
    }

    /// Answers a body that went beyond what was admitted.
    public func tooLarge(_ head: HTTPRequest) -> HTTPResponse {
        guard let target = detection.service(for: head) else { return HTTPResponse(status: 413) }
        let exchange = Exchange(request: head, target: target, context: context(for: target))
        guard case .rest(let service) = target, service.style == .s3 else {
            return finish(tooLarge(exchange), exchange)
        }
        let error = AWSError.uploadTooLarge(Self.maxUploadBytes)
        return finish(service.encodeError(error, head, exchange.context), exchange)
    }

    /// In bytes; nil for S3, whose bodies are streamed.
    static func bodyLimit(of target: ServiceTarget) -> Int64? {
        switch target {
        case .json: JSONServiceDispatch.maxBodyBytes
        case .rest(let service) where service.style == .lambda: maxLambdaBodyBytes
        case .rest: nil
        }
    }
}

extension AWSError {
    /// The largest object that one request may bring (Amazon S3 User Guide, "Uploading objects"), in bytes.
    public static let maxUploadBytes: Int64 = 5 << 30

    public static func uploadTooLarge(_ proposed: Int64) -> AWSError {
        AWSError(
            code: "EntityTooLarge", message: "Your proposed upload exceeds the maximum allowed size",
            elements: [("ProposedSize", String(proposed)), ("MaxSizeAllowed", String(maxUploadBytes))])
    }
}
