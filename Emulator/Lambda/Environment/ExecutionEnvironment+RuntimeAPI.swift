import Bytes
import HTTPServer
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Answers a call of the process: a poll when there is an event, all others at once.
    /// - Returns: false for the calls that need a task: ``respond(to:)``.
    func answer(_ request: HTTPRequest, _ reply: HTTPReply) -> Bool {
        if case .stream = request.body { return false }
        let call = RuntimeAPICall(method: request.method, path: request.path)
        if case .unknown = call { return false }
        guard let truncation else {
            answer(call, request, reply)
            return true
        }
        // What became of a message that broke off is known in a moment.
        Task { @EventLoop in
            await truncation.value
            // The poll of a process that has hung up would take an event to nowhere.
            if !reply.isCancelled { self.answer(call, request, reply) }
        }
        return true
    }

    private func answer(_ call: RuntimeAPICall, _ request: HTTPRequest, _ reply: HTTPReply) {
        do throws(RuntimeAPIState.Refusal) {
            if let several { return try answer(call, request, reply, several) }
            switch call {
            case .next:
                switch try api.next() {
                case .hold(let endsInit): hold(reply, endsInit: endsInit)
                case .repeatEvent: reply.send(current.map(event) ?? RuntimeAPIAnswer.containerError)
                }
            case .response(let requestID): reply.send(try response(requestID, request))
            case .error(let requestID):
                try api.error(requestID: requestID)
                reply.send(errorPosted(request))
            case .initError:
                try api.initError()
                reply.send(initErrorPosted(request))
            case .ping: reply.send(RuntimeAPIAnswer.pong)
            case .wrongMethod: reply.send(RuntimeAPIAnswer.methodNotAllowed)
            case .unknown: reply.send(RuntimeAPIAnswer.notFound)
            }
        } catch {
            reply.send(RuntimeAPIAnswer.refusal(error))
        }
    }

    /// Answers a streamed response, and what only extensions ask for.
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard case .response(let requestID) = RuntimeAPICall(method: request.method, path: request.path),
            case .stream(let body) = request.body, let body = body as? BodyStream
        else { return await respondToExtension(request) ?? RuntimeAPIAnswer.notFound }
        if let truncation { await truncation.value }
        do throws(RuntimeAPIState.Refusal) {
            if let several { return try await stream(body, request, requestID, several) }
            return try await streamedResponse(requestID, request, body)
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
