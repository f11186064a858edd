import Digests
import HTTPTypes

extension AWSEndpoint {
    /// What can be said of a request when only its head is there.
    public enum Admission: Sendable {
        /// The body may come, up to that many bytes as sent.
        case take(maxBytes: Int64)
        /// As `take`, but once `bytes` of the body have come, `judge` may refuse it by them.
        case preview(
            maxBytes: Int64, bytes: Int, judge: @Sendable (_ beginning: [UInt8]) -> HTTPResponse?)
        case refuse(HTTPResponse)
    }

    /// Room for an object of 5 GiB with the signatures of its chunks.
    public static let maxUploadBytes: Int64 = 5 << 30 + 1 << 28

    /// To be asked before the body of a long request, or of one that waits for `100 Continue`, is taken. Whoever is
    /// admitted is judged again with the body.
    public func admission(of head: HTTPRequest) -> Admission {
        guard let target = detection.service(for: head) else {
            let context = context(requestID: RequestIdentifier.json())
            return .refuse(JSONServiceDispatch.unknownRequest(context))
        }
        var exchange = Exchange(request: head, target: target, context: context(for: target))
        for step in Self.formSteps {
            if let response = step(self, &exchange) { return .refuse(finish(response, exchange)) }
        }
        let limit = Self.bodyLimit(of: target)
        if let limit, let length = head.headers["Content-Length"].flatMap({ Int64($0) }), length > limit {
            return .refuse(finish(tooLarge(exchange), exchange))
        }
        if let response = authenticateHead(&exchange) { return .refuse(finish(response, exchange)) }
        guard case .rest(let service) = target, let admission = service.admit(head, exchange.context) else {
            return .take(maxBytes: limit ?? Self.maxUploadBytes)
        }
        switch admission {
        case .take: return admission
        case .preview(let maxBytes, let bytes, let judge):
            let exchange = exchange
            return .preview(maxBytes: maxBytes, bytes: bytes) { judge($0).map { finish($0, exchange) } }
        case .refuse(let response): return .refuse(finish(response, exchange))
        }
    }

    /// A signature that covers the body cannot be found right without it. All else that is claimed can be judged.
    private func authenticateHead(_ exchange: inout Exchange) -> HTTPResponse? {
        let (style, payloadHash) = signing(of: exchange)
        guard payloadHash != nil else { return authenticate(&exchange) }
        do throws(AuthenticationFailure) {
            _ = try verifier.verify(
                exchange.request, service: exchange.target.signingName, style: style,
                payloadHash: payloadHash, now: exchange.context.now)
            return nil
        } catch {
            if case .signatureMismatch = error { return nil }
            return refusal(error, exchange)
        }
    }

    /// Answers a body that went beyond what was admitted.
    public func tooLarge(_ head: HTTPRequest) -> HTTPResponse {
        guard let target = detection.service(for: head) else { return HTTPResponse(status: 413) }
        let exchange = Exchange(request: head, target: target, context: context(for: target))
        guard case .rest(let service) = target, service.style == .s3 else {
            return finish(tooLarge(exchange), exchange)
        }
        return finish(
            service.encodeError(service.tooLarge(head, exchange.context), head, exchange.context), exchange)
    }

    /// Answers a request whose body has stopped to come; nil where AWS just closes the connection.
    public func stalled(_ head: HTTPRequest) -> HTTPResponse? {
        guard let target = detection.service(for: head), case .rest(let service) = target,
            service.style == .s3
        else { return nil }
        let exchange = Exchange(request: head, target: target, context: context(for: target))
        return finish(service.encodeError(.requestTimeout, head, exchange.context), exchange)
    }

    /// In bytes; nil for S3, whose operations have limits of their own.
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

    /// S3's words for a client that has fallen silent.
    static let requestTimeout = AWSError(
        code: "RequestTimeout",
        message: "Your socket connection to the server was not read from or written to within the timeout "
            + "period. Idle connections will be closed.")
}
