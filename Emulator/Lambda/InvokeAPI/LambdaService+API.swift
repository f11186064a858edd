import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

extension LambdaService {
    /// The Lambda API on the AWS endpoint: Invoke, and what functions there are, read-only.
    public nonisolated var restService: RESTService {
        RESTService(
            signingName: "lambda", style: .lambda,
            matches: { request in
                ["/2015-03-31/", "/2021-11-15/"].contains { request.target.hasPrefix($0) }
            },
            handle: { @EventLoop request, context in
                do throws(AWSError) {
                    return try await self.answer(request, context)
                } catch {
                    return LambdaError.encode(error, requestID: context.requestID)
                }
            },
            encodeError: { error, _, context in
                LambdaError.encode(error, requestID: context.requestID)
            })
    }

    private func answer(
        _ request: HTTPRequest, _ context: AWSContext
    ) async throws(AWSError) -> HTTPResponse {
        var parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let version = parts.popFirst()
        guard version == "2015-03-31" || version == "2021-11-15", parts.popFirst() == "functions" else {
            throw LambdaError.unknownOperation
        }
        // `/functions/` is what the SDKs send.
        if parts.last == "" { parts.removeLast() }
        let name = try parts.first.map { part throws(AWSError) -> String in
            guard let name = PercentEncoding.decode(String(part)) else {
                throw LambdaError.validation(
                    String(part), at: "functionName",
                    "satisfy regular expression pattern: \(FunctionReference.pattern)")
            }
            return name
        }
        if version == "2021-11-15" {
            guard request.method == "POST", let name, parts.count == 2,
                parts.last == "response-streaming-invocations"
            else { throw LambdaError.unknownOperation }
            return try await InvokeWithResponseStream.run(name, request, context, self)
        }
        switch (request.method, name, parts.dropFirst().first, parts.count) {
        case ("POST", let name?, "invocations", 2): return try await invoke(name, request, context)
        case ("GET", nil, nil, 0): return json(try await listFunctions(request), context)
        case ("GET", let name?, nil, 1): return json(try await getFunction(name, request), context)
        case ("GET", let name?, "configuration", 2):
            return json(try await getConfiguration(name, request), context)
        default: throw LambdaError.unknownOperation
        }
    }

    private func json(_ value: JSONValue, _ context: AWSContext) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/json", "x-amzn-RequestId": context.requestID],
            body: .bytes(value.encoded()))
    }

    // MARK: - Invoke

    private func invoke(
        _ name: String, _ request: HTTPRequest, _ context: AWSContext
    ) async throws(AWSError) -> HTTPResponse {
        let call = try InvokeRequest(name: name, request)
        let host = try host(call.function, qualifier: call.qualifier)
        let event = try InvokeRequest.event(request.body)
        var options = call.options(context)
        var headers: HTTPHeaders = ["x-amzn-RequestId": context.requestID]
        headers.add("X-Amzn-Trace-Id", options.traceID ?? "")
        switch call.kind {
        case .dryRun:
            return HTTPResponse(status: 204, headers: headers)
        case .event:
            options.wantsLogTail = false
            guard asyncEvents.accept(host.definition.name, payload: event, options) else {
                throw LambdaError.throttled(reason: "CallerRateLimitExceeded")
            }
            headers.add("X-Amzn-Remapped-Content-Length", "0")
            return HTTPResponse(status: 202, headers: headers)
        case .requestResponse:
            let outcome = await invoke(host.definition.name, payload: event, options)
            return try response(outcome, host.definition.name, headers, size: request.body.length)
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

    /// The function that is meant. Only `$LATEST` exists of each.
    func host(
        _ reference: FunctionReference, qualifier: String?
    ) throws(AWSError) -> FunctionHost {
        let region = reference.region ?? configuration.region
        let account = reference.accountID ?? configuration.accountID
        guard region == configuration.region, account == configuration.accountID,
            qualifier == nil || qualifier == "$LATEST", let host = hosts[reference.name]
        else {
            let arn = "arn:aws:lambda:\(region):\(account):function:\(reference.name)"
            throw LambdaError.functionNotFound(arn: arn + (qualifier.map { ":\($0)" } ?? ""))
        }
        return host
    }
}
