import Bytes
import HTTPServer
import HTTPTypes
import Net

/// What a runtime says about an answer that it makes while it posts it.
enum StreamedResponse {
    static let modeHeader = "Lambda-Runtime-Function-Response-Mode"
    static let mode = "streaming"
    /// Bytes of a streamed answer (AWS Lambda Developer Guide, "Lambda quotas").
    static let maximumBytes = 200 * 1_048_576

    /// The error that a runtime met after its answer had begun, in the fields that follow the last chunk.
    struct Failure {
        let type: String
        /// The document that the invoker gets.
        let body: [UInt8]

        /// nil when the fields tell of no error.
        init?(_ trailers: HTTPHeaders) {
            let type = trailers["Lambda-Runtime-Function-Error-Type"]
            let body = trailers["Lambda-Runtime-Function-Error-Body"]
            guard type != nil || body != nil else { return nil }
            self.type = ErrorCategory.kept(type)
            self.body = body.map { Base64.decode($0) ?? $0.bytes } ?? []
        }
    }
}

extension ExecutionEnvironment {
    /// Passes on what the process posts while it posts it, or gathers it for an invoker who wants the whole.
    /// - Returns: the answer to the process, once everything has been taken from it.
    func streamedResponse(
        _ requestID: String, _ request: HTTPRequest, _ body: BodyStream
    ) async throws(RuntimeAPIState.Refusal) -> HTTPResponse {
        try api.response(requestID: requestID)
        guard case .invoking(let invocation) = phase else { return RuntimeAPIAnswer.containerError }
        return await pass(body, request, invocation) {
            guard case .invoking(let current) = self.phase, current === invocation else { return false }
            self.api.sent()
            return true
        }
    }

    /// - Parameter finish: says that everything has come; false when the invocation is not served here any more.
    func pass(
        _ body: BodyStream, _ request: HTTPRequest, _ invocation: Invocation, finish: () -> Bool
    ) async -> HTTPResponse {
        let stream = invocation.stream
        stream?.begin(
            contentType: request.headers["Content-Type"], requestID: invocation.requestID,
            executedVersion: host.definition.version)
        let limit = stream == nil ? RuntimeAPIAnswer.maximumResponseBytes : StreamedResponse.maximumBytes
        var size = 0
        var kept: [UInt8] = []
        while let piece = await body.next() {
            size += piece.count
            invocation.streamedBytes = size
            if invocation.answer != nil || size > limit { break }
            if let stream {
                _ = await stream.body.write(piece)
            } else {
                kept += piece
            }
        }
        // It may have run out of time, or its process may have ended, meanwhile.
        var mayGoOn = true
        if isBroken(body) { mayGoOn = await !endsSoon() }
        guard invocation.answer == nil, mayGoOn, finish() else {
            body.cancel()
            return RuntimeAPIAnswer.containerError
        }
        return ended(invocation, body, kept, isTooLong: size > limit, limit: limit)
    }

    private func isBroken(_ body: BodyStream) -> Bool {
        if case .broken = body.ending { true } else { false }
    }

    private func ended(
        _ invocation: Invocation, _ body: BodyStream, _ kept: [UInt8], isTooLong: Bool, limit: Int
    ) -> HTTPResponse {
        if isTooLong {
            body.cancel()
            fail(invocation, .responseTooLarge(limit: limit))
            return RuntimeAPIAnswer.tooLarge(limit: limit)
        }
        guard case .complete(let trailers) = body.ending else {
            fail(invocation, .truncatedResponse)
            return RuntimeAPIAnswer.truncated
        }
        if let failure = StreamedResponse.Failure(trailers) {
            invocation.failure = .error(type: failure.type)
            answer(invocation, Invocation.Answer(payload: failure.body, isError: true))
        } else {
            answer(invocation, Invocation.Answer(payload: kept))
        }
        return RuntimeAPIAnswer.accepted
    }
}
