import AWSProtocol
import Bytes
import HTTPServer
import HTTPTypes
import JSON
import Net

/// POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations
enum InvokeWithResponseStream {
    /// Pieces become frames of at most this many bytes, far below the 16 MiB that the encoding allows.
    private static let maximumChunkBytes = 1 << 20

    @EventLoop static func run(
        _ service: LambdaService, _ operation: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let (request, context) = (operation.http, operation.context)
        let call = try InvokeRequest(
            name: operation.path("FunctionName"), request, kinds: [.requestResponse, .dryRun])
        let name = try service.known(call.function, qualifier: call.qualifier)
        let event = try InvokeRequest.event(request.body)
        var headers: HTTPHeaders = ["x-amzn-RequestId": context.requestID]
        let options = call.options(context)
        headers.add("X-Amzn-Trace-Id", options.traceID ?? "")
        if call.kind == .dryRun { return HTTPResponse(status: 204, headers: headers) }
        let frames = BodyStream()
        headers.add("Content-Type", "application/vnd.amazon.eventstream")
        switch await service.invokeStreaming(name, payload: event, options) {
        case .refused(let outcome):
            throw service.refusal(outcome, name, size: request.body.length)
        case .whole(let result):
            headers.add("X-Amz-Executed-Version", result.executedVersion)
            Task { @EventLoop in
                _ = await send(result.payload[...], to: frames)
                await complete(result, frames)
            }
        case .stream(let answer):
            headers.add("X-Amz-Executed-Version", answer.executedVersion)
            frames.onCancel = { answer.body.cancel() }
            Task { @EventLoop in await pass(answer, to: frames) }
        }
        return HTTPResponse(status: 200, headers: headers, body: .stream(frames))
    }

    @EventLoop private static func pass(_ answer: StreamedAnswer, to frames: BodyStream) async {
        while let piece = await answer.body.next() {
            guard await send(piece[...], to: frames) else { break }
        }
        await complete(await answer.complete(), frames)
    }

    /// - Returns: false when the client has gone.
    @EventLoop private static func send(_ bytes: ArraySlice<UInt8>, to frames: BodyStream) async -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let frame = EventStreamFrame.encode(
                event: "PayloadChunk", contentType: "application/octet-stream",
                payload: Array(rest.prefix(maximumChunkBytes)))
            rest = rest.dropFirst(maximumChunkBytes)
            guard await frames.write(frame) else { return false }
        }
        return true
    }

    @EventLoop private static func complete(_ result: InvokeResult?, _ frames: BodyStream) async {
        guard let result else { return frames.fail("the emulator is shutting down") }
        let details = result.functionError == nil ? nil : String(decoding: result.payload, as: UTF8.self)
        let event: JSONValue = [
            "ErrorCode": result.functionError.map { .string($0) } ?? .null,
            "ErrorDetails": details.map { .string($0) } ?? .null,
            "LogResult": result.logTail.isEmpty ? .null : .string(Base64.encode(result.logTail)),
        ]
        let frame = EventStreamFrame.encode(
            event: "InvokeComplete", contentType: "application/json", payload: event.encoded())
        _ = await frames.write(frame)
        frames.finish()
    }
}
