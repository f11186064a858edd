import Bytes
import HTTPServer
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Answers one call of the process.
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if let several { return await respond(to: request, several) }
        // What became of a message that broke off is known in a moment.
        if let truncation { await truncation.value }
        do throws(RuntimeAPIState.Refusal) {
            switch RuntimeAPICall(method: request.method, path: request.path) {
            case .next:
                switch try api.next() {
                case .hold(let endsInit): return await hold(endsInit: endsInit)
                case .repeatEvent: return current.map(event) ?? RuntimeAPIAnswer.containerError
                }
            case .response(let requestID):
                if case .stream(let body) = request.body, let body = body as? BodyStream {
                    return try await streamedResponse(requestID, request, body)
                }
                return try response(requestID, request)
            case .error(let requestID):
                try api.error(requestID: requestID)
                return errorPosted(request)
            case .initError:
                try api.initError()
                return initErrorPosted(request)
            case .ping: return RuntimeAPIAnswer.pong
            case .wrongMethod: return RuntimeAPIAnswer.methodNotAllowed
            case .unknown: return await respondToExtension(request) ?? RuntimeAPIAnswer.notFound
            }
        } catch {
            return RuntimeAPIAnswer.refusal(error)
        }
    }

    /// The event of an invocation, with the headers that have a value.
    func event(_ invocation: Invocation) -> HTTPResponse {
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add("Content-Type", "application/json")
        headers.add("Lambda-Runtime-Aws-Request-Id", invocation.requestID)
        headers.add("Lambda-Runtime-Deadline-Ms", "\(invocation.deadline.milliseconds)")
        headers.add("Lambda-Runtime-Invoked-Function-Arn", invocation.functionARN)
        headers.add("Lambda-Runtime-Trace-Id", invocation.traceID)
        if let context = invocation.options.clientContext, !context.isEmpty {
            headers.add("Lambda-Runtime-Client-Context", context)
        }
        if let identity = invocation.options.cognitoIdentity {
            headers.add("Lambda-Runtime-Cognito-Identity", identity.json)
        }
        if let tenant = invocation.options.tenantID, !tenant.isEmpty {
            headers.add("Lambda-Runtime-Aws-Tenant-Id", tenant)
        }
        return HTTPResponse(status: 200, headers: headers, body: .bytes(invocation.payload))
    }

    private func response(
        _ requestID: String, _ request: HTTPRequest
    ) throws(RuntimeAPIState.Refusal) -> HTTPResponse {
        try api.response(requestID: requestID)
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        api.sent()
        return responsePosted(invocation, request)
    }

    /// A response that has come as a whole.
    func responsePosted(_ invocation: Invocation, _ request: HTTPRequest) -> HTTPResponse {
        if let mode = request.headers[StreamedResponse.modeHeader], mode != StreamedResponse.mode {
            fail(invocation, .invalidResponseMode)
            return RuntimeAPIAnswer.invalidResponseMode
        }
        guard request.body.length <= RuntimeAPIAnswer.maximumResponseBytes, let bytes = request.body.bytes
        else {
            fail(invocation, .responseTooLarge())
            return RuntimeAPIAnswer.tooLarge
        }
        answer(invocation, Invocation.Answer(payload: bytes))
        return RuntimeAPIAnswer.accepted
    }

    private func errorPosted(_ request: HTTPRequest) -> HTTPResponse {
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        api.sent()
        return errorPosted(invocation, request)
    }

    /// The body goes to the invoker as it is.
    func errorPosted(_ invocation: Invocation, _ request: HTTPRequest) -> HTTPResponse {
        guard request.body.length <= RuntimeAPIAnswer.maximumResponseBytes, let bytes = request.body.bytes
        else {
            fail(invocation, .responseTooLarge())
            return RuntimeAPIAnswer.tooLarge
        }
        let type = ErrorCategory.kept(request.headers["Lambda-Runtime-Function-Error-Type"])
        invocation.failure = .error(type: type)
        let payload = ErrorCause.isWrapped(request) ? ErrorCause.unwrapped(bytes) : bytes
        answer(invocation, Invocation.Answer(payload: payload, isError: true))
        return RuntimeAPIAnswer.accepted
    }

    /// The process's connection ended within what it was posting.
    func truncated(_ request: HTTPRequest) -> HTTPResponse {
        let posted: String
        let isResponse: Bool
        switch RuntimeAPICall(method: request.method, path: request.path) {
        case .response(let requestID): (posted, isResponse) = (requestID, true)
        case .error(let requestID): (posted, isResponse) = (requestID, false)
        case .next, .initError, .ping, .wrongMethod, .unknown: return RuntimeAPIAnswer.truncated
        }
        if let several { return truncated(posted, several) }
        do throws(RuntimeAPIState.Refusal) {
            if isResponse { try api.response(requestID: posted) } else { try api.error(requestID: posted) }
        } catch {
            return RuntimeAPIAnswer.refusal(error)
        }
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        truncation = Task { @EventLoop in
            let hasEnded = await self.endsSoon()
            self.truncation = nil
            guard !hasEnded, invocation.answer == nil, case .invoking(let current) = self.phase,
                current === invocation
            else { return }
            self.api.sent()
            self.fail(invocation, .truncatedResponse)
        }
        return RuntimeAPIAnswer.truncated
    }

    func initErrorPosted(_ request: HTTPRequest) -> HTTPResponse {
        initErrorBody = (request.body.bytes ?? []).isEmpty ? nil : request.body.bytes
        initErrorType = ErrorCategory.kept(request.headers["Lambda-Runtime-Function-Error-Type"])
        // The runtime should exit now; one that does not is ended.
        endSoon()
        return RuntimeAPIAnswer.accepted
    }

    /// An answer which the platform gives in the function's place while its process goes on.
    func fail(_ invocation: Invocation, _ error: PlatformError) {
        invocation.failure = .error(type: error.type)
        write(.failure(error, requestID: invocation.requestID))
        answer(
            invocation,
            Invocation.Answer(payload: error.body(requestID: invocation.requestID), isError: true))
    }
}
