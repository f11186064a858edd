import HTTPTypes
import Net

/// Drives one connection: feeds bytes to `HTTPConnectionState` and does what it says.
@EventLoop final class ServerConnection {
    let connection: TCPConnection
    let server: HTTPServer
    var state: HTTPConnectionState
    /// Input that waits for the running request's end.
    var backlog: [UInt8] = []
    /// Small answers, sent together at the end of a turn.
    var output: [UInt8] = []
    private(set) var isProcessing = false
    /// The kernel has not taken all of `output` yet.
    private var isCongested = false
    var spool: SpoolWriter?
    var spooled: SpooledBody?
    /// The body that the running handler takes as it comes.
    var incoming: BodyStream?
    private var outgoing: StreamTransfer?
    /// Whoever has the connection since it was switched to another protocol.
    var switched: SwitchedConnection?
    /// What looks at the body's beginning.
    private var judge: (@EventLoop @Sendable ([UInt8]) -> HTTPResponse?)?
    private var handler: Task<Void, Never>?
    /// What answers in its place.
    private var reply: HTTPReply?
    /// Counts requests.
    private var runs = 0
    /// The request whose handler has not answered.
    private var unanswered: Int?
    private var pendingWhenChecked = 0
    private var fileBytesWhenChecked: Int64 = 0
    /// The peer's end came while requests before it were waiting.
    var endIsPending = false
    private var isFinishing = false
    private var closesWhenWritten = false

    /// Bodies up to this size are copied behind their head, so that both leave in one call.
    private static let joinedBodyBytes = 65_536
    /// Pipelined requests beyond this wait in the kernel.
    static let backlogBytes = 65_536

    init(_ connection: TCPConnection, server: HTTPServer) {
        self.connection = connection
        self.server = server
        state = HTTPConnectionState(limits: server.limits, now: EventLoop.nowMilliseconds)
        connection.onBytes = { self.received($0) }
        connection.onEnd = { self.ended() }
        connection.onClose = { self.closed() }
        connection.resumeReading()
    }

    // MARK: - Events

    private func received(_ bytes: UnsafeRawBufferPointer) {
        if let switched { return receivedSwitched(bytes, switched) }
        if backlog.isEmpty, state.takesInput, !isCongested {
            var input = bytes
            process(&input)
            backlog.append(contentsOf: input)
        } else {
            backlog.append(contentsOf: bytes)
            processBacklog()
        }
        if switched != nil { return handOverBacklog() }
        if backlog.count > Self.backlogBytes { connection.pauseReading() }
    }

    private func ended() {
        if let switched, let onEnd = switched.onEnd { return onEnd() }
        // Requests that came before the end are still answered, one by one.
        guard backlog.isEmpty else {
            endIsPending = true
            return
        }
        perform(state.inputEnded(now: EventLoop.nowMilliseconds))
        flush()
    }

    private func closed() {
        let incomplete = state.incomplete
        state.closed()
        breakIncoming("the connection was closed within the body")
        outgoing?.cancel()
        outgoing = nil
        switched?.closed()
        switched = nil
        cancelHandler()
        handler = nil
        reply = nil
        spool?.discard()
        spool = nil
        spooled = nil
        backlog = []
        // Whoever wants to know of a body that broke off is told, although nobody gets the answer.
        if let incomplete { _ = server.options.truncatedResponse?(request(incomplete, .empty)) }
        server.removed(self)
    }

    /// Called about once a second, and more often when timeouts are short.
    func checkDeadline(now: UInt64) {
        if switched != nil { return }
        let pending = connection.pendingWriteBytes
        let fileBytes = connection.fileBytesSent
        if pending != pendingWhenChecked || fileBytes != fileBytesWhenChecked {
            state.sendingProgressed(now: now)
        }
        if outgoing?.isAwaitingBody == true { state.sendingProgressed(now: now) }
        if spool?.isFull == true || incoming?.isFull == true { state.inputHeldBack(now: now) }
        pendingWhenChecked = pending
        fileBytesWhenChecked = fileBytes
        guard let deadline = state.deadline, now >= deadline else { return }
        perform(state.timedOut(now: now))
        flush()
    }

    func shutDown() {
        switched?.onShutDown?()
        perform(state.shutDown(now: EventLoop.nowMilliseconds))
        flush()
    }

    /// At the end of the server's patience.
    func abort() {
        cancelHandler()
        connection.close()
    }

    private func cancelHandler() {
        handler?.cancel()
        reply?.cancel()
    }

    // MARK: - Input

    private func processBacklog() {
        guard !isProcessing, !isCongested, !backlog.isEmpty, state.takesInput else { return }
        var taken: [UInt8] = []
        swap(&taken, &backlog)
        taken.withUnsafeBytes { bytes in
            var input = bytes
            process(&input)
            backlog.append(contentsOf: input)
        }
        if switched != nil { return handOverBacklog() }
        if endIsPending, backlog.isEmpty {
            endIsPending = false
            perform(state.inputEnded(now: EventLoop.nowMilliseconds))
            flush()
        }
    }

    private func process(_ input: inout UnsafeRawBufferPointer) {
        isProcessing = true
        let now = EventLoop.nowMilliseconds
        loop: while !isCongested {
            switch state.next(&input, now: now) {
            case .wait: break loop
            case let action: perform(action)
            }
            if output.count > Self.joinedBodyBytes { flush() }
        }
        isProcessing = false
        flushUnlessJoined()
    }

    func perform(_ action: HTTPConnectionState.Action) {
        switch action {
        case .wait: break
        case .sendContinue: output.append(contentsOf: HTTPResponseEncoder.continueLine)
        case .admit(let head): admit(head)
        case .preview(_, let bytes): preview(bytes)
        case .openSpool(let bytes): openSpool(bytes)
        case .store(let bytes): store(bytes)
        case .finishSpool: finishSpool()
        case .handle(let head, let body): handle(head, body)
        case .refuseTooLarge(let head): refuse(server.options.tooLargeResponse(request(head, .empty)))
        case .refuseStalled(let head):
            refuse(server.options.stalledResponse(request(head, .empty)) ?? response(to: .tookTooLong))
        case .refuseTruncated(let head): refuseTruncated(head)
        case .handleStream(let head): handleStream(head)
        case .pass(let bytes): pass(bytes)
        case .endStream(let trailers):
            finishIncoming(trailers)
        case .breakStream(let reason): breakIncoming(reason)
        case .refuse(let error): refuse(response(to: error))
        case .cancelHandler: cancelHandler()
        case .finishWriting:
            finishWriting(thenClose: false)
            connection.resumeReading()
        case .close: finishWriting(thenClose: true)
        case .abort: connection.close()
        }
    }

    private func admit(_ head: HTTPRequestHead) {
        let admission = server.options.admission?(request(head, .empty))
        let now = EventLoop.nowMilliseconds
        switch admission ?? .take(maxBytes: server.options.maxBodyBytes) {
        case .take(let maxBytes): perform(state.admitted(maxBytes: maxBytes, now: now))
        case .preview(let maxBytes, let bytes, let judge):
            self.judge = judge
            perform(state.admitted(maxBytes: maxBytes, previewBytes: bytes, now: now))
        case .stream: perform(state.admittedAsStream(now: now))
        case .refuse(let response):
            state.refused()
            answer(response)
        }
    }

    private func preview(_ bytes: [UInt8]) {
        let refusal = judge?(bytes)
        judge = nil
        guard let refusal else { return perform(state.previewed(now: EventLoop.nowMilliseconds)) }
        state.refused()
        answer(refusal)
    }

    private func refuse(_ response: HTTPResponse) {
        spool?.discard()
        spool = nil
        answer(response)
    }

    private func refuseTruncated(_ head: HTTPRequestHead) {
        let response = server.options.truncatedResponse?(request(head, .empty))
        refuse(response ?? HTTPResponse(status: 400))
    }

    // MARK: - Answers

    private func handle(_ head: HTTPRequestHead, _ body: HTTPConnectionState.Body) {
        let content: HTTPBody
        switch body {
        case .memory(let bytes): content = .bytes(bytes)
        case .spooled:
            guard let spooled else { return }
            content = .spooled(spooled)
            self.spooled = nil
        }
        run(request(head, content))
    }

    func run(_ request: HTTPRequest) {
        handler = nil
        if let response = server.options.immediate?(request) { return answer(response) }
        runs += 1
        let run = runs
        unanswered = run
        if let direct = server.options.direct {
            let reply = HTTPReply(self)
            self.reply = reply
            if direct(request, reply) { return }
            self.reply = nil
        }
        // Begins at once, on this thread: a handler that need not wait answers before this returns. Code that
        // belongs to no actor stays on the loop, too, instead of hopping to the global pool and back.
        let task = Task.immediate(executorPreference: EventLoop.taskExecutor) { @EventLoop in
            let response = await self.server.handler(request)
            self.answer(response)
        }
        // It may have answered by now, and the next request may be running.
        if unanswered == run { handler = task }
    }

    func answer(_ response: HTTPResponse) {
        handler = nil
        reply = nil
        unanswered = nil
        let now = EventLoop.nowMilliseconds
        var wantsClose = response.headers["Connection"].map { $0.lowercased() == "close" } ?? false
        if response.status == 101 { wantsClose = true }
        if case .stream = response.body, state.reply.minorVersion == 0 { wantsClose = true }
        guard let reply = state.answered(wantsClose: wantsClose, now: now) else { return drop(response) }
        breakIncoming("it was answered before its end")
        if response.status == 101 { return switchProtocols(response, reply) }
        server.encodeHead(response, reply, into: &output)
        guard HTTPResponseEncoder.hasBody(response.status, isHead: reply.isHead) else {
            drop(response)
            return sent()
        }
        switch response.body {
        case .stream(let body): send(body, isChunked: reply.minorVersion > 0)
        case .bytes(let bytes) where bytes.count <= Self.joinedBodyBytes:
            output.append(contentsOf: bytes)
            sent()
        case .bytes(let bytes):
            flush()
            connection.write(bytes) { self.sent() }
        case .file(let file, let offset, let length):
            send(file, offset: offset, length: length)
        case .pieces(let body):
            flush()
            PiecedTransfer(body, over: connection) { self.sent() }.step()
        case .spooled(let body):
            do throws(SystemError) {
                let file = OpenFile(adopting: try System.open(body.path, 0))
                send(file, offset: 0, length: body.length)
            } catch {
                connection.close()
            }
        }
    }

    private func send(_ file: OpenFile, offset: Int64, length: Int64) {
        if length <= Int64(Self.joinedBodyBytes), joins(file, offset: offset, count: Int(length)) {
            return sent()
        }
        flush()
        connection.sendFile(descriptor: file.descriptor, offset: offset, length: length) {
            withExtendedLifetime(file) { self.sent() }
        }
    }

    private func send(_ body: any StreamedBody, isChunked: Bool) {
        guard let body = body as? BodyStream else { return connection.close() }
        flush()
        let transfer = StreamTransfer(body, isChunked: isChunked, over: connection) {
            self.outgoing = nil
            self.sent()
        }
        outgoing = transfer
        transfer.start()
    }

    /// A body that is not sent: its maker need not wait.
    func drop(_ response: HTTPResponse) {
        guard case .stream(let body) = response.body else { return }
        (body as? BodyStream)?.cancel()
        (body as? SwitchedConnection)?.closed()
    }

    /// Puts a short file behind its head, unless that means to wait for a disk.
    private func joins(_ file: OpenFile, offset: Int64, count: Int) -> Bool {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: count))
        let read = output.withUnsafeMutableBytes { buffer in
            try? System.preadCached(
                file.descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[start...]), offset: offset)
        }
        if read == count { return true }
        output.removeLast(count)
        return false
    }

    func sent() {
        perform(state.sent(now: EventLoop.nowMilliseconds))
        if isProcessing { return }
        resume()
        flushUnlessJoined()
    }

    /// After an answer: on with the requests that wait.
    private func resume() {
        processBacklog()
        resumeReadingUnlessFull()
    }

    func resumeReadingUnlessFull() {
        if backlog.count <= Self.backlogBytes, !isCongested { connection.resumeReading() }
    }

    /// An answer that may wait leaves with that of the request which is running now.
    private func flushUnlessJoined() {
        if server.options.joinsPipelinedAnswers, state.isHandling { return }
        flush()
    }

    /// Hands the small answers to the kernel.
    func flush() {
        guard !output.isEmpty else { return }
        var taken: [UInt8] = []
        swap(&taken, &output)
        var isWritten = false
        connection.write(taken) {
            isWritten = true
            guard self.isCongested else { return }
            self.isCongested = false
            self.resume()
        }
        if !isWritten { isCongested = true }
        // The buffer serves the next answer.
        guard output.isEmpty, taken.capacity <= 2 * Self.joinedBodyBytes else { return }
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &output)
    }

    /// Sends what waits, then a FIN; then, if asked, closes.
    private func finishWriting(thenClose: Bool) {
        flush()
        closesWhenWritten = closesWhenWritten || thenClose
        if connection.pendingWriteBytes == 0, closesWhenWritten { return connection.close() }
        guard !isFinishing else { return }
        isFinishing = true
        connection.finishWriting {
            if self.closesWhenWritten { self.connection.close() }
        }
    }
}
