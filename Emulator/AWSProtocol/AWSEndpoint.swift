import Bytes
import Clock
import Digests
import HTTPTypes
import JSON
import Signing

/// One address behind which all AWS services answer.
public struct AWSEndpoint: Sendable {
    public struct Configuration: Sendable {
        public var region: String
        /// Twelve digits.
        public var accountID: String
        public var credentials: [Credentials]
        /// Believes whatever key a request names and computes no signature.
        public var acceptAnyCredentials: Bool

        public init(
            region: String, accountID: String, credentials: [Credentials], acceptAnyCredentials: Bool = false
        ) {
            self.region = region
            self.accountID = accountID
            self.credentials = credentials
            self.acceptAnyCredentials = acceptAnyCredentials
        }
    }

    /// A request on its way through the steps.
    struct Exchange: Sendable {
        var request: HTTPRequest
        let target: ServiceTarget
        var context: AWSContext
        /// Whether no signature counts: web sites have no use for one, and a browser that asks whether it may send
        /// a signed request has signed neither the question nor its method.
        let isPublic: Bool

        init(request: HTTPRequest, target: ServiceTarget, context: AWSContext) {
            self.request = request
            self.target = target
            self.context = context
            isPublic = target.isS3 && (request.method == "OPTIONS" || request.isForWebsite)
        }
    }

    /// A step may change the exchange; it ends the journey by returning an answer.
    typealias Step = @Sendable (AWSEndpoint, inout Exchange) -> HTTPResponse?

    /// What happens to a request before its service gets it, in this order. The order is AWS's: a JSON
    /// service judges the form of the request first, then the signature, and only then looks at the body.
    static let steps: [Step] =
        formSteps + [
            { $0.loadBody(&$1) },
            { $0.authenticate(&$1) },
            { $0.checkPayloadHash(&$1) },
            { $0.expandBody(&$1) },
        ]

    /// The steps that need no more than the head.
    static let formSteps: [Step] = [
        { $0.refuseLongHead(&$1) },
        { $0.answerHealth(&$1) },
        { $0.answerPreflight(&$1) },
        { $0.refuseUnknownForm(&$1) },
    ]

    /// Bytes of a whole CreateFunction request ("Lambda quotas", as the service measures them); the calls
    /// themselves allow less and say so.
    static let maxLambdaBodyBytes: Int64 = 70_167_211

    private let configuration: Configuration
    let detection: ServiceDetection
    let verifier: SignatureVerifier
    private let policyVerifier: PolicyVerifier
    private let clock: any WallClock

    public init(
        configuration: Configuration, jsonServices: [JSONService], restServices: [RESTService],
        clock: any WallClock = SystemClock()
    ) {
        self.configuration = configuration
        self.detection = ServiceDetection(jsonServices: jsonServices, restServices: restServices)
        self.verifier = SignatureVerifier(
            region: configuration.region, credentials: configuration.credentials,
            acceptsAnyCredentials: configuration.acceptAnyCredentials,
            subresources: restServices.reduce(into: []) { $0.formUnion($1.subresources) })
        self.policyVerifier = PolicyVerifier(verifier: verifier)
        self.clock = clock
    }

    /// Answers a request to any service. Never fails: what goes wrong becomes the service's own error.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let target = detection.service(for: request) else {
            return JSONServiceDispatch.unknownRequest(context(requestID: RequestIdentifier.json()))
        }
        var exchange = Exchange(request: request, target: target, context: context(for: target))
        for step in Self.steps {
            if let response = step(self, &exchange) { return finish(response, exchange) }
        }
        return finish(await dispatch(exchange), exchange)
    }

    /// Who signed a request to something of a service's that is no operation of its API, such as a function URL.
    /// - Returns: nil when the request carries no signature.
    /// - Throws: the service's refusal of a signature that is not good.
    public func caller(of request: HTTPRequest, service: String) throws(AWSError) -> CallerIdentity? {
        let bytes = try? request.body.bytes ?? request.body.readAll()
        do throws(AuthenticationFailure) {
            return try verifier.verify(
                request, service: service, style: .standard, payloadHash: SHA256.hex(bytes ?? []),
                now: clock.now
            ).identity
        } catch {
            if case .missing = error { return nil }
            throw JSONAuthenticationDialect.error(for: error, status: 403)
        }
    }

    // MARK: - Steps

    private func refuseLongHead(_ exchange: inout Exchange) -> HTTPResponse? {
        guard case .json = exchange.target else { return nil }
        let bytes = exchange.request.target.utf8.count + exchange.request.headers.wireBytes
        return bytes <= JSONServiceDispatch.maxHeadBytes
            ? nil : JSONServiceDispatch.plain(400, "", exchange.context)
    }

    private func answerHealth(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.request.method == "GET", exchange.request.path == "/",
            case .json(let service) = exchange.target, let text = service.healthText
        else { return nil }
        return JSONServiceDispatch.plain(200, text, exchange.context)
    }

    /// A browser asks before it sends `X-Amz-Target` to another origin (Fetch standard, "CORS protocol").
    private func answerPreflight(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.request.method == "OPTIONS", case .json = exchange.target,
            exchange.request.headers["Origin"] != nil
        else { return nil }
        var response = JSONServiceDispatch.plain(200, "", exchange.context)
        if let names = exchange.request.headers["Access-Control-Request-Headers"] {
            response.headers.add("Access-Control-Allow-Headers", names)
        }
        if let method = exchange.request.headers["Access-Control-Request-Method"] {
            response.headers.add("Access-Control-Allow-Methods", method)
        }
        response.headers.add("Access-Control-Max-Age", "172800")
        return response
    }

    private func refuseUnknownForm(_ exchange: inout Exchange) -> HTTPResponse? {
        guard case .json = exchange.target, !JSONServiceDispatch.accepts(exchange.request) else { return nil }
        return JSONServiceDispatch.unknownRequest(exchange.context)
    }

    /// Only S3 streams: every other body is needed as a whole, for its signature covers it.
    private func loadBody(_ exchange: inout Exchange) -> HTTPResponse? {
        guard let limit = Self.bodyLimit(of: exchange.target) else { return nil }
        guard exchange.request.body.length <= limit else {
            return tooLarge(exchange)
        }
        guard exchange.request.body.bytes == nil else { return nil }
        do {
            exchange.request.body = .bytes(try exchange.request.body.readAll())
            return nil
        } catch {
            return unreadableBody(error, exchange)
        }
    }

    func tooLarge(_ exchange: Exchange) -> HTTPResponse {
        if case .rest(let service) = exchange.target, service.style == .lambda {
            let error = service.tooLarge(exchange.request, exchange.context)
            return service.encodeError(error, exchange.request, exchange.context)
        }
        return HTTPResponse(
            status: 413,
            headers: HTTPHeaders([
                ("Server", "Server"), ("x-amzn-RequestId", exchange.context.requestID),
                ("x-amz-crc32", String(CRC32.checksum([]))),
            ]),
            body: .empty)
    }

    private func expandBody(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.request.headers.contains("Content-Encoding"),
            case .json(let service) = exchange.target
        else { return nil }
        do throws(Gzip.Failure) {
            try JSONServiceDispatch.expand(&exchange.request)
            return nil
        } catch {
            switch error {
            case .tooLong: return tooLarge(exchange)
            case .malformed:
                return JSONServiceDispatch.encode(
                    JSONServiceDispatch.unreadableCoding, service: service, request: exchange.request,
                    context: exchange.context)
            }
        }
    }

    private func unreadableBody(_ error: any Error, _ exchange: Exchange) -> HTTPResponse {
        let failure = AWSError(
            code: "InternalServerError", status: 500, message: "The request body could not be read: \(error)")
        return switch exchange.target {
        case .json(let service):
            JSONServiceDispatch.encode(
                failure, service: service, request: exchange.request, context: exchange.context)
        case .rest(let service): service.encodeError(failure, exchange.request, exchange.context)
        }
    }

    func authenticate(_ exchange: inout Exchange) -> HTTPResponse? {
        if exchange.isPublic { return nil }
        let (style, payloadHash) = signing(of: exchange)
        do throws(AuthenticationFailure) {
            let result = try verifier.verify(
                exchange.request, service: exchange.target.signingName, style: style,
                payloadHash: payloadHash, now: exchange.context.now)
            exchange.context.identity = result.identity
            exchange.context.signature = result.signature
            return nil
        } catch {
            if case .missing = error, case .rest(let service) = exchange.target, service.style == .s3 {
                return nil  // S3 has public operations, and decides itself.
            }
            return refusal(error, exchange)
        }
    }

    /// S3 signs the hash that the request claims, so the body has to be held against the claim.
    private func checkPayloadHash(_ exchange: inout Exchange) -> HTTPResponse? {
        guard case .rest(let service) = exchange.target, service.style == .s3, !exchange.isPublic,
            !exchange.request.rightlySaysItIsEmpty, let claimed = exchange.request.claimedPayloadHash
        else { return nil }
        switch PayloadHashClaim(claimed) {
        case .none: return refusal(.malformedContentHash(claimed), exchange)
        case .hash(let claimed):
            // A long one is digested away from the loop, by whoever takes it.
            guard let body = exchange.request.body.bytes, body.count <= PayloadHashClaim.maxCheckedBytes
            else {
                return nil
            }
            let computed = body.isEmpty ? SHA256.hexOfNothing : SHA256.hex(body)
            return computed == claimed
                ? nil : refusal(.contentHashDiffers(claimed: claimed, computed: computed), exchange)
        case .unsigned, .streaming: return nil
        }
    }

    private func dispatch(_ exchange: Exchange) async -> HTTPResponse {
        switch exchange.target {
        case .json(let service):
            await JSONServiceDispatch.respond(
                to: exchange.request, service: service, context: exchange.context)
        case .rest(let service):
            await service.handle(exchange.request, exchange.context)
        }
    }

    // MARK: - Parts of steps

    func signing(of exchange: Exchange) -> (SigningStyle, payloadHash: String?) {
        if case .rest(let service) = exchange.target, service.style == .s3 { return (.s3, nil) }
        return (.standard, SHA256.hex(exchange.request.body.bytes ?? []))
    }

    func refusal(_ failure: AuthenticationFailure, _ exchange: Exchange) -> HTTPResponse {
        switch exchange.target {
        case .json(let service):
            return JSONServiceDispatch.encode(
                JSONAuthenticationDialect.error(for: failure, status: 400), service: service,
                request: exchange.request, context: exchange.context)
        case .rest(let service):
            let error: AWSError =
                switch service.style {
                case .lambda: JSONAuthenticationDialect.error(for: failure, status: 403)
                case .s3:
                    S3AuthenticationDialect.error(
                        for: failure,
                        location: exchange.request.headers["Authorization"] == nil ? .query : .header)
                }
            return service.encodeError(error, exchange.request, exchange.context)
        }
    }

    func context(for target: ServiceTarget) -> AWSContext {
        switch target {
        case .json: return context(requestID: RequestIdentifier.json())
        case .rest(let service):
            switch service.style {
            case .lambda: return context(requestID: UUID4.make())
            case .s3:
                return context(requestID: RequestIdentifier.s3(), hostID: RequestIdentifier.s3Host())
            }
        }
    }

    func context(requestID: String, hostID: String = "") -> AWSContext {
        AWSContext(
            requestID: requestID, hostID: hostID, region: configuration.region,
            accountID: configuration.accountID, now: clock.now, identity: .anonymous,
            policyVerifier: policyVerifier)
    }

    /// Every answer of a REST service carries its ids, good or bad; JSON services let any web page read theirs.
    func finish(_ response: HTTPResponse, _ exchange: Exchange) -> HTTPResponse {
        var response = response
        guard case .rest(let service) = exchange.target else {
            if exchange.request.headers["Origin"] != nil {
                response.headers.add("Access-Control-Allow-Origin", "*")
                response.headers.add(
                    "Access-Control-Expose-Headers",
                    "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
            }
            return response
        }
        switch service.style {
        case .lambda:
            if response.headers["x-amzn-RequestId"] == nil {
                response.headers["x-amzn-RequestId"] = exchange.context.requestID
            }
        case .s3:
            let names = ["x-amz-request-id", "x-amz-id-2", "Server"]
            for name in names where response.headers.contains(name) { response.headers.remove(name) }
            response.headers.add("x-amz-request-id", exchange.context.requestID)
            response.headers.add("x-amz-id-2", exchange.context.hostID)
            response.headers.add("Server", "AmazonS3")
        }
        return response
    }
}
