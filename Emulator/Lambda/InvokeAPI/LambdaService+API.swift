import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

extension LambdaService {
    /// The Lambda API on the AWS endpoint.
    public nonisolated var restService: RESTService {
        RESTService(
            signingName: "lambda", style: .lambda,
            matches: { Self.isDated($0.target) },
            handle: { @EventLoop request, context in
                do throws(AWSError) {
                    return try await self.answer(request, context)
                } catch {
                    return LambdaError.encode(error, requestID: context.requestID)
                }
            },
            encodeError: { error, _, context in
                LambdaError.encode(error, requestID: context.requestID)
            },
            tooLarge: { head, _ in
                let (name, limit) = (Self.operationName(head), LambdaRequest.maximumDocumentBytes)
                return LambdaError.entityTooLarge(
                    "Request must be smaller than \(limit) bytes for the \(name) operation")
            })
    }

    /// Whether a path begins as all of Lambda's do: `/2015-03-31/`.
    private nonisolated static func isDated(_ target: String) -> Bool {
        let bytes = Array(target.utf8.prefix(12))
        guard bytes.count == 12, bytes[0] == 0x2f, bytes[5] == 0x2d, bytes[8] == 0x2d, bytes[11] == 0x2f
        else {
            return false
        }
        return [1, 2, 3, 4, 6, 7, 9, 10].allSatisfy { (0x30...0x39).contains(bytes[$0]) }
    }

    private nonisolated static func operationName(_ head: HTTPRequest) -> String {
        guard let path = LambdaOperation.segments(of: head.path) else { return "Invoke" }
        return LambdaOperation.all.first { $0.method == head.method && $0.parameters(in: path) != nil }?.name
            ?? "Invoke"
    }

    /// No function's name.
    private nonisolated static let largeRequests = "large requests"

    private func answer(
        _ request: HTTPRequest, _ context: AWSContext
    ) async throws(AWSError) -> HTTPResponse {
        // By far the most frequent one, so it is not looked for among the others.
        if request.method == "POST", let name = try invokedName(request) {
            return try await invoke(name, request, context)
        }
        let (operation, request) = try LambdaOperation.find(request, context: context)
        // While the state is being exchanged changes wait for the new one.
        if operation.isChange, await asyncEvents.current() == nil {
            throw LambdaError.service("the emulator is shutting down")
        }
        guard request.http.body.length > LambdaRequest.longDocument else {
            return try await operation.run(self, request)
        }
        // Each takes several times its length of memory: those that wait lie on the disk.
        await catalogue.lock(Self.largeRequests)
        defer { catalogue.unlock(Self.largeRequests) }
        return try await operation.run(self, request)
    }

    /// The function's path segment of an Invoke call, percent-decoded; nil for every other operation.
    private func invokedName(_ request: HTTPRequest) throws(AWSError) -> String? {
        var parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard parts.popFirst() == "2015-03-31", parts.popFirst() == "functions", parts.count == 2,
            parts.last == "invocations", let part = parts.first
        else { return nil }
        guard let name = PercentEncoding.decode(String(part)) else {
            throw LambdaError.validation(
                String(part), at: "functionName",
                "satisfy regular expression pattern: \(FunctionTarget.Shape.namespaced.pattern)")
        }
        return name
    }

    // MARK: - Invoke

    func invoke(
        _ name: String, _ request: HTTPRequest, _ context: AWSContext
    ) async throws(AWSError) -> HTTPResponse {
        let call = try InvokeRequest(name: name, request)
        let name = try known(call.function, qualifier: call.qualifier)
        let event = try InvokeRequest.event(request.body)
        let options = call.options(context)
        var headers: HTTPHeaders = ["x-amzn-RequestId": context.requestID]
        headers.add("X-Amzn-Trace-Id", options.traceID ?? "")
        switch call.kind {
        case .dryRun:
            return HTTPResponse(status: 204, headers: headers)
        case .event:
            var waiting = AsyncEvent(
                function: name, qualifier: call.qualifier, payload: event, requestID: context.requestID,
                traceID: options.traceID, accepted: clock.now)
            waiting.tenantID = options.tenantID
            try await asyncEvents.accept(waiting)
            headers.add("X-Amzn-Remapped-Content-Length", "0")
            return HTTPResponse(status: 202, headers: headers)
        case .requestResponse:
            let outcome = await invoke(name, payload: event, options)
            return try response(outcome, name, headers, size: request.body.length)
        }
    }

    private func response(
        _ outcome: InvokeOutcome, _ name: String, _ common: HTTPHeaders, size: Int64
    ) throws(AWSError) -> HTTPResponse {
        switch outcome {
        case .success(let result), .functionError(let result):
            var headers = common
            headers.add("Content-Type", "application/json")
            headers.add("X-Amz-Executed-Version", result.executedVersion)
            headers.add("X-Amzn-Remapped-Content-Length", "0")
            if let error = result.functionError { headers.add("X-Amz-Function-Error", error) }
            if !result.logTail.isEmpty { headers.add("X-Amz-Log-Result", Base64.encode(result.logTail)) }
            return HTTPResponse(status: 200, headers: headers, body: .bytes(result.payload))
        case .throttled, .functionNotFound, .requestTooLarge, .startFailure:
            throw refusal(outcome, name, size: size)
        }
    }

    /// Why a function has not run.
    func refusal(_ outcome: InvokeOutcome, _ name: String, size: Int64) -> AWSError {
        switch outcome {
        case .throttled(let reason): LambdaError.throttled(reason: reason)
        case .functionNotFound: LambdaError.functionNotFound(arn: configuration.functionARN(name))
        case .requestTooLarge(let limit):
            LambdaError.tooLarge(bytes: size, limit: limit, type: "RequestResponse")
        case .startFailure(let reason): LambdaError.service(reason)
        case .success, .functionError: LambdaError.service("the function has run")
        }
    }

    /// The name of the function that is meant, which exists with that qualifier.
    func known(
        _ reference: FunctionReference, qualifier: String?
    ) throws(AWSError) -> String {
        let region = reference.region ?? configuration.region
        let account = reference.accountID ?? configuration.accountID
        guard region == configuration.region, account == configuration.accountID,
            let resolved = resolve(reference.name, qualifier: qualifier)
        else {
            let arn = "arn:aws:lambda:\(region):\(account):function:\(reference.name)"
            throw LambdaError.functionNotFound(arn: arn + (qualifier.map { ":\($0)" } ?? ""))
        }
        try refusePending(resolved.name, resolved.version)
        return reference.name
    }
}
