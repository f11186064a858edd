import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

extension LambdaService {
    /// Finds out who signed a request: nil for nobody, an error for a signature that is not good.
    public typealias CallerCheck = @Sendable (HTTPRequest) throws(AWSError) -> CallerIdentity?

    /// Answers a request to a function URL.
    /// - Parameters:
    ///   - id: of the URL, from the request's host.
    ///   - caller: verifies a signature for the service `lambda`.
    public func respondToURL(
        _ id: String, _ request: HTTPRequest, caller: CallerCheck
    ) async -> HTTPResponse {
        let requestID = UUID4.make()
        var response = await answerURL(id, request, requestID: requestID, caller)
        response.headers["x-amzn-RequestId"] = requestID
        return response
    }

    private func answerURL(
        _ id: String, _ request: HTTPRequest, requestID: String, _ caller: CallerCheck
    ) async -> HTTPResponse {
        guard let (name, place) = catalogue.urls[id], let record = known(name), let url = record.urls[place]
        else {
            return FunctionURLResponse.unknown
        }
        let cors = url.cors.map { FunctionURLCORS(rules: $0) }
        if let cors, FunctionURLCORS.isPreflight(request) { return cors.preflight(request) }
        var accessKeyID: String?
        do throws(AWSError) {
            let identity = url.authType == "AWS_IAM" ? try caller(request) : nil
            if case .signed(let key)? = identity { accessKeyID = key }
        } catch {
            return LambdaError.encode(error, requestID: requestID)
        }
        let isAllowed =
            url.authType == "AWS_IAM"
            ? accessKeyID != nil : record.policies[place]?.letsAnybodyCallTheURL ?? false
        let qualifier = place == VersionRecord.latest ? nil : place
        guard isAllowed, resolve(name, qualifier: qualifier) != nil else {
            return FunctionURLResponse.forbidden
        }
        var response = await callURL(url, name, qualifier, request, requestID, accessKeyID)
        for (header, value) in cors?.headers(for: request) ?? HTTPHeaders() {
            response.headers.add(header, value)
        }
        return response
    }

    private func callURL(
        _ url: URLRecord, _ name: String, _ qualifier: String?, _ request: HTTPRequest, _ requestID: String,
        _ accessKeyID: String?
    ) async -> HTTPResponse {
        guard request.body.length <= Self.maximumPayloadBytes else { return FunctionURLResponse.tooLarge }
        guard let body = try? request.body.bytes ?? request.body.readAll() else {
            return FunctionURLResponse.badGateway
        }
        let now = clock.now
        let traceID = TraceID.make(at: now)
        let event = FunctionURLEvent(
            urlID: url.id, accountID: configuration.accountID, accessKeyID: accessKeyID, requestID: requestID,
            traceID: String(traceID.prefix { $0 != ";" }), now: now)
        let options = InvokeOptions(qualifier: qualifier, traceID: traceID, requestID: requestID)
        let payload = event.encode(request, body: body)
        var response =
            url.invokeMode == "RESPONSE_STREAM"
            ? await streamed(name, payload, options, requestID)
            : answer(await invoke(name, payload: payload, options), requestID)
        response.headers["X-Amzn-Trace-Id"] = String(traceID.prefix { $0 != ";" })
        return response
    }
}

extension LambdaService {
    /// What a whole outcome becomes.
    private func answer(_ outcome: InvokeOutcome, _ requestID: String) -> HTTPResponse {
        switch outcome {
        case .success(let result):
            FunctionURLResponse.response(from: result.payload) ?? FunctionURLResponse.badGateway
        case .functionError, .startFailure: FunctionURLResponse.badGateway
        case .throttled(let reason):
            LambdaError.encode(LambdaError.throttled(reason: reason), requestID: requestID)
        case .functionNotFound: FunctionURLResponse.forbidden
        case .requestTooLarge: FunctionURLResponse.tooLarge
        }
    }

    /// An answer that goes out as it comes in; a function that answers in one piece is answered for as usual.
    private func streamed(
        _ name: String, _ payload: [UInt8], _ options: InvokeOptions, _ requestID: String
    ) async -> HTTPResponse {
        switch await invokeStreaming(name, payload: payload, options) {
        case .refused(let outcome): return answer(outcome, requestID)
        case .whole(let result):
            return answer(result.functionError == nil ? .success(result) : .functionError(result), requestID)
        case .stream(let answer):
            do throws(HTTPPreludeError) {
                guard let prelude = try await answer.prelude() else {
                    return HTTPResponse(
                        status: 200, headers: ["Content-Type": "application/octet-stream"],
                        body: .stream(answer.body))
                }
                var response = FunctionURLResponse.head(prelude)
                response.body = .stream(answer.body)
                return response
            } catch {
                answer.body.cancel()
                return FunctionURLResponse.badGateway
            }
        }
    }
}

extension PolicyRecord {
    /// Whether a statement lets everybody call the URL without a signature. AWS asks for a second one since
    /// October 2025, `lambda:InvokeFunction` by way of the URL; what was written before has only this.
    var letsAnybodyCallTheURL: Bool {
        statements.contains { statement in
            let action = statement["Action"]?.string ?? ""
            guard statement["Principal"]?.string == "*" || statement["Principal"]?["AWS"]?.string == "*",
                ["lambda:InvokeFunctionUrl", "lambda:*", "*"].contains(action)
            else { return false }
            let type = statement["Condition"]?["StringEquals"]?["lambda:FunctionUrlAuthType"]?.string
            return type == nil || type == "NONE"
        }
    }
}
