/// What one connection is doing. Pure: events come in, each returns the one thing to do next; sockets,
/// files, timers and handlers belong to the driver.
struct HTTPConnectionState {
    private struct Upload {
        let head: HTTPRequestHead
        var memory: [UInt8] = []
        var received: Int64 = 0
        var isSpooling = false
        /// The handler runs and takes the body as it comes.
        var isStreaming = false
        var mayNeedContinue: Bool
        var maxBytes: Int64
        /// Bytes that are kept in memory until they have been shown; 0 when nobody asks for them any more.
        var previewBytes = 0
        var pace: BodyPace?
    }

    private enum Phase {
        case head
        case admitting(HTTPRequestHead)
        case body(Upload)
        case previewing(Upload)
        case finishingSpool(HTTPRequestHead)
        case handling
        case sending
        /// Until that time at most.
        case lingering(until: UInt64)
        case closed
    }

    private let limits: Limits
    private var parser: HTTPRequestParser
    private var phase = Phase.head
    private(set) var reply = Reply()
    private(set) var peerEnded = false
    private var isShuttingDown = false
    /// When `timedOut` is due, on the clock of the `now` arguments; nil when the driver may wait for ever.
    private(set) var deadline: UInt64?

    init(limits: Limits, now: UInt64) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits.parser)
        deadline = now + limits.idleTimeout
    }

    /// Whether bytes can be taken now. If not, they have to wait for `sent`.
    var takesInput: Bool {
        switch phase {
        case .head, .body, .lingering: true
        case .admitting, .previewing, .finishingSpool, .handling, .sending, .closed: false
        }
    }

    var isHandling: Bool { if case .handling = phase { true } else { false } }

    var isSending: Bool { if case .sending = phase { true } else { false } }

    /// The request whose body was still coming, for nobody but the driver to take.
    var incomplete: HTTPRequestHead? {
        if case .body(let upload) = phase, !upload.isStreaming { upload.head } else { nil }
    }

    // MARK: - Input

    /// Takes from `input` what leads to the next action. Called until it returns `wait`.
    mutating func next(_ input: inout UnsafeRawBufferPointer, now: UInt64) -> Action {
        switch phase {
        case .head: return nextOfHead(&input, now: now)
        case .body(var upload):
            // Taken out, so that the memory has one owner while it grows.
            phase = .closed
            return nextOfBody(&upload, &input, now: now)
        case .lingering(let end):
            if !input.isEmpty { deadline = min(now + limits.lingerTimeout, end) }
            input = UnsafeRawBufferPointer(rebasing: input[input.count...])
            return .wait
        case .admitting, .previewing, .finishingSpool, .handling, .sending, .closed: return .wait
        }
    }

    private mutating func nextOfHead(_ input: inout UnsafeRawBufferPointer, now: UInt64) -> Action {
        let wasBetween = parser.isBetweenRequests
        switch parser.next(&input) {
        case .needsInput:
            if wasBetween, !parser.isBetweenRequests { deadline = now + limits.headerTimeout }
            return .wait
        case .failure(let error): return refuse(error)
        case .head(let head):
            reply = Reply(
                minorVersion: head.minorVersion, isHead: head.method == "HEAD",
                keepsAlive: head.keepsAlive && !isShuttingDown)
            if limits.asksAdmission, mustAsk(about: head) {
                phase = .admitting(head)
                deadline = nil
                return .admit(head)
            }
            return begin(head, maxBytes: limits.maxBodyBytes, &input, now: now)
        case .body, .end: return .wait
        }
    }

    private func mustAsk(about head: HTTPRequestHead) -> Bool {
        switch head.framing {
        case .none: false
        case .length(let length): head.expectsContinue || length > Int64(limits.memoryBodyBytes)
        case .chunked: true
        }
    }

    /// The body may come.
    /// - Parameter previewBytes: the driver wants to see that many before more is taken; 0 for none.
    mutating func admitted(maxBytes: Int64, previewBytes: Int = 0, now: UInt64) -> Action {
        guard case .admitting(let head) = phase else { return .wait }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        return begin(head, maxBytes: maxBytes, previewBytes: previewBytes, &nothing, now: now)
    }

    /// The body may come, and goes to the handler piece by piece.
    mutating func admittedAsStream(now: UInt64) -> Action {
        guard case .admitting(let head) = phase else { return .wait }
        var upload = Upload(head: head, mayNeedContinue: head.expectsContinue, maxBytes: .max)
        upload.isStreaming = true
        expect(upload, now)
        return .handleStream(head)
    }

    /// The body may go on.
    mutating func previewed(now: UInt64) -> Action {
        guard case .previewing(var upload) = phase else { return .wait }
        upload.previewBytes = 0
        upload.pace?.waited(now: now)
        deadline = due(upload, now)
        var isLong = upload.memory.count > limits.memoryBodyBytes
        if case .length(let length) = upload.head.framing { isLong = length > Int64(limits.memoryBodyBytes) }
        var beginning: [UInt8] = []
        upload.isSpooling = limits.maySpool && isLong
        if upload.isSpooling { swap(&beginning, &upload.memory) }
        phase = .body(upload)
        return beginning.isEmpty ? .wait : .openSpool(beginning)
    }

    /// The answer is known; `answered` follows.
    mutating func refused() {
        switch phase {
        case .admitting, .previewing:
            phase = .handling
            deadline = nil
            reply.keepsAlive = false
        case .head, .body, .finishingSpool, .handling, .sending, .lingering, .closed: break
        }
    }

    private mutating func begin(
        _ head: HTTPRequestHead, maxBytes: Int64, previewBytes: Int = 0,
        _ input: inout UnsafeRawBufferPointer, now: UInt64
    ) -> Action {
        var upload = Upload(
            head: head, mayNeedContinue: head.expectsContinue, maxBytes: maxBytes, previewBytes: previewBytes)
        switch head.framing {
        case .none:
            // RFC 9110 lets it out, as no body follows. But botocore announces each body that it reads from a
            // file, and cannot use a connection again on which the final answer came at once.
            if upload.mayNeedContinue {
                upload.mayNeedContinue = false
                phase = .body(upload)
                return .sendContinue
            }
            // The parser's `end` follows at once and takes no input.
            _ = parser.next(&input)
            return handle(head, .memory([]))
        case .length(let length):
            if length > maxBytes { return refuseTooLarge(head) }
            if limits.maySpool, length > Int64(limits.memoryBodyBytes), previewBytes == 0 {
                upload.isSpooling = true
            } else {
                upload.memory.reserveCapacity(Int(min(length, Int64(limits.memoryBodyBytes))))
            }
        case .chunked: break
        }
        let mustOpen = upload.isSpooling
        expect(upload, now)
        return mustOpen ? .openSpool([]) : next(&input, now: now)
    }

    /// The body may come from now on.
    private mutating func expect(_ upload: consuming Upload, _ now: UInt64) {
        upload.pace = limits.bodyPace.map { BodyPace($0, now: now) }
        deadline = due(upload, now)
        phase = .body(upload)
    }

    /// When the body has stopped to come, or comes too slowly.
    private func due(_ upload: Upload, _ now: UInt64) -> UInt64 {
        min(now + limits.idleTimeout, upload.pace?.deadline ?? .max)
    }

    private mutating func nextOfBody(
        _ upload: inout Upload, _ input: inout UnsafeRawBufferPointer, now: UInt64
    ) -> Action {
        while true {
            switch parser.next(&input) {
            case .needsInput:
                let wanted = upload.mayNeedContinue && upload.received == 0
                upload.mayNeedContinue = false
                phase = .body(upload)
                return wanted ? .sendContinue : .wait
            case .failure(let error): return broken(upload, by: error)
            case .head: return refuse(HTTPParseError("a head within a body"))
            case .end where upload.isStreaming:
                phase = .handling
                deadline = nil
                return .endStream(trailers: parser.trailers)
            case .end: return finish(upload)
            case .body(let piece):
                upload.received += Int64(piece.count)
                upload.pace?.received(piece.count)
                deadline = due(upload, now)
                if upload.isStreaming {
                    phase = .body(upload)
                    return .pass(piece)
                }
                if upload.received > upload.maxBytes { return refuseTooLarge(upload.head) }
                if upload.previewBytes > 0 {
                    upload.memory.append(contentsOf: piece)
                    guard upload.memory.count >= upload.previewBytes else { continue }
                    deadline = nil
                    phase = .previewing(upload)
                    return .preview(upload.head, upload.memory)
                }
                if let action = keep(piece, &upload) {
                    phase = .body(upload)
                    return action
                }
            }
        }
    }

    private func keep(_ piece: UnsafeRawBufferPointer, _ upload: inout Upload) -> Action? {
        if upload.isSpooling { return .store(piece) }
        upload.memory.append(contentsOf: piece)
        guard limits.maySpool, upload.memory.count > limits.memoryBodyBytes else { return nil }
        upload.isSpooling = true
        let memory = upload.memory
        upload.memory = []
        return .openSpool(memory)
    }

    private mutating func finish(_ upload: Upload) -> Action {
        guard upload.isSpooling else { return handle(upload.head, .memory(upload.memory)) }
        phase = .finishingSpool(upload.head)
        deadline = nil
        return .finishSpool
    }

    private mutating func handle(_ head: HTTPRequestHead, _ body: Body) -> Action {
        phase = .handling
        deadline = nil
        return .handle(head, body)
    }

    private mutating func refuse(_ error: HTTPParseError) -> Action {
        phase = .handling
        deadline = nil
        reply.keepsAlive = false
        return .refuse(error)
    }

    /// The body has an error in its framing.
    private mutating func broken(_ upload: Upload, by error: HTTPParseError) -> Action {
        if upload.isStreaming || limits.answersTruncated { return truncated(upload, error.reason) }
        return refuse(error)
    }

    private mutating func truncated(_ upload: Upload, _ reason: String) -> Action {
        phase = .handling
        deadline = nil
        reply.keepsAlive = false
        return upload.isStreaming ? .breakStream(reason: reason) : .refuseTruncated(upload.head)
    }

    private mutating func refuseTooLarge(_ head: HTTPRequestHead) -> Action {
        phase = .handling
        deadline = nil
        reply.keepsAlive = false
        return .refuseTooLarge(head)
    }

    // MARK: - Other events

    mutating func spoolFinished() -> Action {
        guard case .finishingSpool(let head) = phase else { return .wait }
        return handle(head, .spooled)
    }

    /// The spool file cannot be written.
    mutating func spoolFailed(_ reason: String) -> Action {
        switch phase {
        case .body, .finishingSpool: refuse(HTTPParseError(reason, status: 507))
        case .head, .admitting, .previewing, .handling, .sending, .lingering, .closed: .wait
        }
    }

    /// The handler has answered; `wantsClose` when it asks for the connection's end. Returns how to send.
    mutating func answered(wantsClose: Bool, now: UInt64) -> Reply? {
        switch phase {
        case .handling: break
        case .body(let upload) where upload.isStreaming:
            // Answered before its end: nobody looks at the rest.
            reply.keepsAlive = false
        default: return nil
        }
        phase = .sending
        deadline = now + limits.idleTimeout
        if wantsClose || isShuttingDown || peerEnded { reply.keepsAlive = false }
        return reply
    }

    /// The body waits for the driver and not for the peer.
    mutating func inputHeldBack(now: UInt64) {
        guard case .body(var upload) = phase else { return }
        upload.pace?.waited(now: now)
        deadline = due(upload, now)
        phase = .body(upload)
    }

    /// The kernel has taken some of the answer.
    mutating func sendingProgressed(now: UInt64) {
        if isSending { deadline = now + limits.idleTimeout }
    }

    /// The whole answer is with the kernel.
    mutating func sent(now: UInt64) -> Action {
        guard isSending else { return .wait }
        if reply.keepsAlive, !isShuttingDown, !peerEnded {
            phase = .head
            deadline = now + limits.idleTimeout
            return .wait
        }
        if peerEnded { return closing(now) }
        linger(now)
        return .finishWriting
    }

    /// The peer will send no more. It may have closed, or only finished its half: a running handler is
    /// cancelled, but what it still answers is sent.
    mutating func inputEnded(now: UInt64) -> Action {
        peerEnded = true
        switch phase {
        case .body(let upload) where upload.isStreaming || limits.answersTruncated:
            return truncated(upload, "the connection has ended within the body")
        case .head, .body, .lingering: return closing(now)
        case .handling: return .cancelHandler
        // A request that is complete is answered, whatever its body was kept in.
        case .admitting, .previewing, .finishingSpool, .sending, .closed: return .wait
        }
    }

    /// The connection is gone.
    mutating func closed() {
        phase = .closed
        deadline = nil
    }

    /// The deadline has passed.
    mutating func timedOut(now: UInt64) -> Action {
        switch phase {
        case .head where parser.isBetweenRequests: return closing(now)
        case .head: return refuse(.tookTooLong)
        case .body(let upload) where upload.isStreaming:
            return truncated(upload, HTTPParseError.tookTooLong.reason)
        case .body(let upload):
            _ = refuse(.tookTooLong)
            return .refuseStalled(upload.head)
        case .sending, .lingering: return .abort
        case .admitting, .previewing, .finishingSpool, .handling, .closed: return .wait
        }
    }

    /// Finish what runs, then close.
    mutating func shutDown(now: UInt64) -> Action {
        isShuttingDown = true
        reply.keepsAlive = false
        switch phase {
        case .head where parser.isBetweenRequests: return closing(now)
        case .lingering: return closing(now)
        case .head, .admitting, .body, .previewing, .finishingSpool, .handling, .sending, .closed:
            return .wait
        }
    }

    private mutating func closing(_ now: UInt64) -> Action {
        linger(now)
        return .close
    }

    private mutating func linger(_ now: UInt64) {
        phase = .lingering(until: now + limits.lingerTotal)
        deadline = now + limits.lingerTimeout
    }
}
