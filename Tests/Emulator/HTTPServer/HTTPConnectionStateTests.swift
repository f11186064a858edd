import HTTPTypes
import Testing

@testable import HTTPServer

/// The connection's rules without a socket: text and events in, names of actions out.
@Suite struct HTTPConnectionStateTests {
    /// Holds a state and answers in words.
    private struct Script {
        var state: HTTPConnectionState
        private(set) var left: [UInt8] = []

        init(maySpool: Bool = true, asksAdmission: Bool = false, pace: BodyPace.Limits? = nil) {
            var limits = HTTPConnectionState.Limits()
            limits.memoryBodyBytes = 4
            limits.maxBodyBytes = 10
            limits.maySpool = maySpool
            limits.asksAdmission = asksAdmission
            limits.idleTimeout = 1_000
            limits.headerTimeout = 100
            limits.bodyPace = pace
            limits.lingerTimeout = 50
            limits.lingerTotal = 120
            state = HTTPConnectionState(limits: limits, now: 0)
        }

        mutating func receive(_ text: String, now: UInt64 = 0) -> [String] {
            var names: [String] = []
            let bytes = left + Array(text.utf8)
            left = bytes.withUnsafeBytes { buffer in
                var input = buffer
                while true {
                    let name = Script.name(state.next(&input, now: now))
                    if name == "wait" { return Array(input) }
                    names.append(name)
                }
            }
            return names
        }

        mutating func answer(now: UInt64 = 0, wantsClose: Bool = false) -> String {
            guard let reply = state.answered(wantsClose: wantsClose, now: now) else {
                return "no answer expected"
            }
            return (reply.keepsAlive ? "keep " : "last ") + Script.name(state.sent(now: now))
        }

        static func name(_ action: HTTPConnectionState.Action) -> String {
            switch action {
            case .wait: "wait"
            case .sendContinue: "continue"
            case .admit(let head): "admit \(head.method)"
            case .preview(_, let bytes): "preview '\(String(decoding: bytes, as: UTF8.self))'"
            case .refuseStalled(let head): "stalled \(head.method)"
            case .openSpool(let bytes): "open '\(String(decoding: bytes, as: UTF8.self))'"
            case .store(let bytes): "store '\(String(decoding: bytes, as: UTF8.self))'"
            case .finishSpool: "finish"
            case .handle(let head, .memory(let bytes)):
                "handle \(head.method) '\(String(decoding: bytes, as: UTF8.self))'"
            case .handle(let head, .spooled): "handle \(head.method) spooled"
            case .refuseTooLarge: "too large"
            case .refuseTruncated(let head): "truncated \(head.method)"
            case .handleStream(let head): "stream \(head.method)"
            case .pass(let bytes): "pass '\(String(decoding: bytes, as: UTF8.self))'"
            case .endStream(let trailers): "end stream \(trailers.count)"
            case .breakStream: "break stream"
            case .refuse(let error): "refuse \(error.status)"
            case .cancelHandler: "cancel"
            case .finishWriting: "finish writing"
            case .close: "close"
            case .abort: "abort"
            }
        }
    }

    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private func post(_ length: Int, _ more: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(more)\r\n"
    }
    private let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func keepAliveGoesRound() {
        var script = Script()
        for _ in 0..<3 {
            #expect(script.receive(get) == ["handle GET ''"])
            #expect(script.answer() == "keep wait")
        }
    }

    @Test func pipelinedRequestsWaitTheirTurn() {
        var script = Script()
        #expect(script.receive(get + post(2) + "hi" + get) == ["handle GET ''"])
        #expect(script.receive("") == [])
        #expect(script.answer() == "keep wait")
        #expect(script.receive("") == ["handle POST 'hi'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive("") == ["handle GET ''"])
    }

    @Test func bodiesGoToMemoryOrFile() {
        var script = Script()
        #expect(script.receive(post(4) + "abcd") == ["handle POST 'abcd'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(post(5) + "abc") == ["open ''", "store 'abc'"])
        #expect(script.receive("de") == ["store 'de'", "finish"])
        #expect(Script.name(script.state.spoolFinished()) == "handle POST spooled")
        #expect(script.answer() == "keep wait")
        #expect(script.receive(chunked + "3\r\nabc\r\n") == [])
        #expect(
            script.receive("3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n") == ["open 'abcdef'", "store 'g'", "finish"])
    }

    @Test func withoutASpoolAllStaysInMemory() {
        var script = Script(maySpool: false)
        #expect(script.receive(post(8) + "abcdefgh") == ["handle POST 'abcdefgh'"])
    }

    @Test func tooLargeBodiesAreRefusedThenDropped() {
        var announced = Script()
        #expect(announced.receive(post(11, "Expect: 100-continue\r\n")) == ["too large"])
        #expect(announced.answer() == "last finish writing")
        #expect(announced.receive("whatever comes") == [])
        #expect(Script.name(announced.state.inputEnded(now: 0)) == "close")
        var found = Script()
        #expect(found.receive(chunked + "b\r\nabcdefghijk") == ["too large"])
    }

    @Test func continueIsSentOnceAndOnlyWhenNeeded() {
        var script = Script()
        #expect(script.receive(post(2, "Expect: 100-continue\r\n")) == ["continue"])
        #expect(script.receive("a") == [])
        #expect(script.receive("b") == ["handle POST 'ab'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(post(2, "Expect: 100-continue\r\n") + "ab") == ["handle POST 'ab'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(post(0, "Expect: 100-continue\r\n")) == ["continue", "handle POST ''"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(post(6, "Expect: 100-continue\r\n")) == ["open ''", "continue"])
    }

    @Test func errorsAreAnsweredAndEndTheConnection() {
        var script = Script()
        #expect(script.receive("nonsense\r\n" + get) == ["refuse 400"])
        #expect(script.answer() == "last finish writing")
        #expect(script.receive(get) == [])
        var inBody = Script()
        #expect(inBody.receive(chunked + "x\r\n") == ["refuse 400"])
        var spool = Script()
        _ = spool.receive(post(5))
        #expect(Script.name(spool.state.spoolFailed("disk full")) == "refuse 507")
    }

    @Test func closeIsHonoured() {
        var asked = Script()
        #expect(asked.receive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") == ["handle GET ''"])
        #expect(asked.answer() == "last finish writing")
        var wanted = Script()
        _ = wanted.receive(get)
        #expect(wanted.answer(wantsClose: true) == "last finish writing")
    }

    @Test func theEndOfInputInEachPhase() {
        var idle = Script()
        #expect(Script.name(idle.state.inputEnded(now: 0)) == "close")
        var body = Script()
        _ = body.receive(post(3) + "a")
        #expect(Script.name(body.state.inputEnded(now: 0)) == "close")
        var handling = Script()
        _ = handling.receive(get)
        #expect(Script.name(handling.state.inputEnded(now: 0)) == "cancel")
        #expect(handling.answer() == "last close")
    }

    @Test func deadlinesOfEachPhase() {
        var script = Script()
        #expect(script.state.deadline == 1_000)
        _ = script.receive("GET /", now: 10)
        #expect(script.state.deadline == 110)
        // More of the same head moves nothing: a trickle cannot keep a connection for ever.
        _ = script.receive(" HTTP/1.1\r\n", now: 50)
        #expect(script.state.deadline == 110)
        #expect(Script.name(script.state.timedOut(now: 110)) == "refuse 408")
        #expect(script.answer(now: 110) == "last finish writing")
        #expect(script.state.deadline == 160)
        #expect(Script.name(script.state.timedOut(now: 160)) == "abort")

        var body = Script()
        _ = body.receive(post(3), now: 10)
        #expect(body.state.deadline == 1_010)
        _ = body.receive("a", now: 500)
        #expect(body.state.deadline == 1_500)
        #expect(Script.name(body.state.timedOut(now: 1_500)) == "stalled POST")
        #expect(body.answer(now: 1_500) == "last finish writing")

        var handling = Script()
        _ = handling.receive(get, now: 10)
        #expect(handling.state.deadline == nil)
        _ = handling.state.answered(wantsClose: false, now: 20)
        #expect(handling.state.deadline == 1_020)
        handling.state.sendingProgressed(now: 900)
        #expect(handling.state.deadline == 1_900)
        #expect(Script.name(handling.state.timedOut(now: 1_900)) == "abort")

        var idle = Script()
        #expect(Script.name(idle.state.timedOut(now: 1_000)) == "close")
    }

    @Test func shutDownInEachPhase() {
        var idle = Script()
        #expect(Script.name(idle.state.shutDown(now: 0)) == "close")
        var handling = Script()
        _ = handling.receive(get)
        #expect(Script.name(handling.state.shutDown(now: 0)) == "wait")
        #expect(handling.answer() == "last finish writing")
        var body = Script()
        _ = body.receive(post(2) + "a")
        #expect(Script.name(body.state.shutDown(now: 0)) == "wait")
        #expect(body.receive("b") == ["handle POST 'ab'"])
        #expect(body.answer() == "last finish writing")
    }

    @Test func longAnnouncedAndUnmeasuredBodiesAreJudgedByTheirHead() {
        for head in [post(5), post(3, "Expect: 100-continue\r\n"), chunked] {
            var script = Script(asksAdmission: true)
            #expect(script.receive(head) == ["admit POST"])
            #expect(!script.state.takesInput)
            #expect(script.state.deadline == nil)
        }
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(3) + "abc") == ["handle POST 'abc'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(get) == ["handle GET ''"])
    }

    @Test func anAdmittedBodyComesIn() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(3, "Expect: 100-continue\r\n")) == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, now: 0)) == "continue")
        #expect(script.receive("abc") == ["handle POST 'abc'"])
        #expect(script.answer() == "keep wait")
        #expect(script.receive(post(6) + "abcdef") == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, now: 0)) == "open ''")
        #expect(script.receive("") == ["store 'abcdef'", "finish"])
    }

    @Test func anAdmittedBodyHasItsOwnLimit() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(6)) == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 5, now: 0)) == "too large")
        #expect(script.answer() == "last finish writing")
        var endless = Script(asksAdmission: true)
        #expect(endless.receive(chunked) == ["admit POST"])
        #expect(Script.name(endless.state.admitted(maxBytes: 5, now: 0)) == "wait")
        #expect(endless.receive("6\r\nabcdef\r\n") == ["too large"])
    }

    @Test func aRefusedBodyIsDroppedAndTheConnectionEnds() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(8) + "abc") == ["admit POST"])
        script.state.refused()
        #expect(script.answer() == "last finish writing")
        #expect(script.receive("defgh") == [])
        #expect(script.left.isEmpty)
    }

    @Test func aBodyThatWaitsForTheDriverIsNotLate() {
        var script = Script()
        _ = script.receive(post(6) + "ab", now: 10)
        #expect(script.state.deadline == 1_010)
        script.state.inputHeldBack(now: 800)
        #expect(script.state.deadline == 1_800)
    }

    @Test func aBodyThatTricklesIsGivenUp() {
        let pace = BodyPace.Limits(grace: 300, bytesPerSecond: 10)
        var script = Script(maySpool: false, pace: pace)
        _ = script.receive(post(9), now: 50)
        #expect(script.state.deadline == 350)
        // A tenth of a second for each byte, whenever it comes.
        _ = script.receive("a", now: 340)
        #expect(script.state.deadline == 450)
        _ = script.receive("bc", now: 350)
        #expect(script.state.deadline == 650)
        #expect(Script.name(script.state.timedOut(now: 650)) == "stalled POST")

        var stream = Script(asksAdmission: true, pace: pace)
        #expect(stream.receive(chunked) == ["admit POST"])
        #expect(Script.name(stream.state.admittedAsStream(now: 0)) == "stream POST")
        #expect(stream.receive("1\r\na\r\n", now: 200) == ["pass 'a'"])
        #expect(stream.state.deadline == 400)
        #expect(Script.name(stream.state.timedOut(now: 400)) == "break stream")
    }

    @Test func theTimeInWhichABodyIsHeldBackIsNotItsOwn() {
        var script = Script(maySpool: false, pace: .init(grace: 300, bytesPerSecond: 10))
        _ = script.receive(post(9) + "ab", now: 0)
        #expect(script.state.deadline == 500)
        script.state.inputHeldBack(now: 100)
        #expect(script.state.deadline == 500)
        script.state.inputHeldBack(now: 450)
        #expect(script.state.deadline == 750)
        // Bytes in plenty: what counts is then that they do not stop.
        var fast = Script(maySpool: false, pace: .init(grace: 2_000, bytesPerSecond: 1))
        _ = fast.receive(post(9) + "abcd", now: 10)
        #expect(fast.state.deadline == 1_010)
    }

    @Test func whatIsDroppedIsBoundedInTime() {
        var script = Script()
        #expect(script.receive("nonsense\r\n", now: 100) == ["refuse 400"])
        #expect(script.answer(now: 100) == "last finish writing")
        #expect(script.state.deadline == 150)
        for (now, deadline) in [(140, 190), (180, 220), (215, 220)] as [(UInt64, UInt64)] {
            #expect(script.receive("more", now: now) == [])
            #expect(script.state.deadline == deadline)
        }
        #expect(script.receive("", now: 219) == [])
        #expect(Script.name(script.state.timedOut(now: 220)) == "abort")
    }

    @Test func aBodysBeginningIsShownBeforeTheRestIsTaken() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(8) + "a") == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, previewBytes: 3, now: 0)) == "wait")
        #expect(script.receive("bc", now: 5) == ["preview 'abc'"])
        #expect(!script.state.takesInput)
        #expect(script.state.deadline == nil)
        #expect(Script.name(script.state.previewed(now: 7)) == "open 'abc'")
        #expect(script.state.deadline == 1_007)
        #expect(script.receive("defgh") == ["store 'defgh'", "finish"])
        #expect(Script.name(script.state.spoolFinished()) == "handle POST spooled")
        #expect(script.answer() == "keep wait")
    }

    @Test func aBeginningThatIsTheWholeBodyIsNotShown() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(4, "Expect: 100-continue\r\n")) == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, previewBytes: 9, now: 0)) == "continue")
        #expect(script.receive("abcd") == ["handle POST 'abcd'"])
        // The last byte may be both the beginning's end and the body's.
        #expect(script.answer() == "keep wait")
        #expect(script.receive(chunked + "4\r\nabcd\r\n") == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, previewBytes: 4, now: 0)) == "wait")
        #expect(script.receive("") == ["preview 'abcd'"])
        #expect(Script.name(script.state.previewed(now: 0)) == "wait")
        #expect(script.receive("0\r\n\r\n") == ["handle POST 'abcd'"])
    }

    @Test func aBodyIsRefusedByItsBeginning() {
        var script = Script(asksAdmission: true)
        #expect(script.receive(post(8) + "abc") == ["admit POST"])
        #expect(Script.name(script.state.admitted(maxBytes: 10, previewBytes: 3, now: 0)) == "wait")
        #expect(script.receive("") == ["preview 'abc'"])
        script.state.refused()
        #expect(script.answer() == "last finish writing")
        #expect(script.receive("defgh") == [])
    }
}
