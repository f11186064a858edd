import Bytes
import HTTPTypes
import Net

extension ExecutionEnvironment {
    /// Answers one call of the process.
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        do throws(RuntimeAPIState.Refusal) {
            switch RuntimeAPICall(method: request.method, path: request.path) {
            case .next:
                switch try api.next() {
                case .hold(let endsInit): return await hold(endsInit: endsInit)
                case .repeatEvent: return current.map(event) ?? RuntimeAPIAnswer.containerError
                }
            case .response(let requestID):
                return try response(requestID, request)
            case .error(let requestID):
                try api.error(requestID: requestID)
                return errorPosted(request)
            case .initError:
                try api.initError()
                return initErrorPosted(request)
            case .ping: return RuntimeAPIAnswer.pong
            case .wrongMethod: return RuntimeAPIAnswer.methodNotAllowed
            case .unknown: return RuntimeAPIAnswer.notFound
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
        return HTTPResponse(status: 200, headers: headers, body: .bytes(invocation.payload))
    }

    private func response(
        _ requestID: String, _ request: HTTPRequest
    ) throws(RuntimeAPIState.Refusal) -> HTTPResponse {
        try api.response(requestID: requestID)
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        api.sent()
        if let mode = request.headers["Lambda-Runtime-Function-Response-Mode"], mode != "streaming" {
            fail(invocation, .invalidResponseMode)
            return RuntimeAPIAnswer.invalidResponseMode
        }
        guard request.body.length <= RuntimeAPIAnswer.maximumResponseBytes, let bytes = request.body.bytes
        else {
            fail(invocation, .responseTooLarge)
            return RuntimeAPIAnswer.tooLarge
        }
        answer(invocation, Invocation.Answer(payload: bytes))
        return RuntimeAPIAnswer.accepted
    }

    /// The body goes to the invoker as it is.
    private func errorPosted(_ request: HTTPRequest) -> HTTPResponse {
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        api.sent()
        guard request.body.length <= RuntimeAPIAnswer.maximumResponseBytes, let bytes = request.body.bytes
        else {
            fail(invocation, .responseTooLarge)
            return RuntimeAPIAnswer.tooLarge
        }
        let type = ErrorCategory.kept(request.headers["Lambda-Runtime-Function-Error-Type"])
        invocation.failure = .error(type: type)
        answer(invocation, Invocation.Answer(payload: bytes, isError: true))
        return RuntimeAPIAnswer.accepted
    }

    private func initErrorPosted(_ request: HTTPRequest) -> HTTPResponse {
        initErrorBody = (request.body.bytes ?? []).isEmpty ? nil : request.body.bytes
        initErrorType = ErrorCategory.kept(request.headers["Lambda-Runtime-Function-Error-Type"])
        // The runtime should exit now; one that does not is ended.
        endSoon()
        return RuntimeAPIAnswer.accepted
    }

    /// An answer which the platform gives in the function's place while its process goes on.
    private func fail(_ invocation: Invocation, _ error: PlatformError) {
        invocation.failure = .error(type: error.type)
        write(LogLines.failure(error, requestID: invocation.requestID))
        answer(
            invocation,
            Invocation.Answer(payload: error.body(requestID: invocation.requestID), isError: true))
    }
}

/// What AWS keeps of the `Lambda-Runtime-Function-Error-Type` header: `(Runtime|Function).[A-Z][a-zA-Z]+`.
enum ErrorCategory {
    static func kept(_ value: String?) -> String {
        let parts = (value ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, first == "Runtime" || first == "Function" else {
            return "Runtime.Unknown"
        }
        let name = parts.count == 2 ? Array(parts[1].utf8) : []
        let isKept =
            name.count >= 2 && (0x41...0x5a).contains(name[0])
            && name.allSatisfy { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        return isKept ? "\(first).\(parts[1])" : "\(first).Unknown"
    }
}
