import HTTPTypes
import Testing

@testable import Gateway

@Suite struct WebSocketSessionTests {
    private var limits: WebSocketSession.Limits {
        var limits = WebSocketSession.Limits()
        limits.idle = 100
        limits.total = 250
        return limits
    }

    private func actions(
        _ session: inout WebSocketSession, _ bytes: [UInt8], now: UInt64 = 0
    ) -> [WebSocketSession.Action] {
        var actions: [WebSocketSession.Action] = []
        bytes.withUnsafeBytes { bytes in
            var input = bytes
            while true {
                let action = session.received(&input, now: now)
                guard action != .wait else { break }
                actions.append(action)
            }
        }
        return actions
    }

    @Test func aPingIsAnsweredWithItsPayload() {
        var session = WebSocketSession(now: 0)
        #expect(actions(&session, clientFrame(9, [7, 8])) == [.write([0x8A, 2, 7, 8])])
    }

    @Test func aCloseIsReturnedWithItsCode() {
        var session = WebSocketSession(now: 0)
        let wire = clientFrame(8, [0x03, 0xE8] + Array("bye".utf8))
        #expect(
            actions(&session, wire)
                == [.end(.init(code: 1000, reason: "bye"), last: [0x88, 2, 0x03, 0xE8])])
        #expect(session.isOver)
    }

    @Test func aCloseWithoutACodeIs1005ForTheFunction() {
        var session = WebSocketSession(now: 0)
        #expect(actions(&session, clientFrame(8)) == [.end(.withoutCode, last: [0x88, 0])])
    }

    @Test func aBrokenOffConnectionIs1006() {
        var session = WebSocketSession(now: 0)
        #expect(session.inputEnded() == .end(.brokenOff, last: []))
        #expect(session.inputEnded() == .wait)
    }

    @Test func framesInEitherDirectionMoveTheIdleLimit() {
        var session = WebSocketSession(limits: limits, now: 0)
        #expect(session.deadline == 100)
        _ = actions(&session, clientFrame(0xA), now: 40)
        #expect(session.deadline == 140)
        _ = session.send([0x61], now: 90)
        #expect(session.deadline == 190)
    }

    @Test func partsOfAFrameDoNotMoveTheIdleLimit() {
        var session = WebSocketSession(limits: limits, now: 0)
        _ = actions(&session, [0x81], now: 40)
        #expect(session.deadline == 100)
    }

    @Test func nothingMovesTheTotalLimit() {
        var session = WebSocketSession(limits: limits, now: 0)
        _ = session.send([0x61], now: 240)
        #expect(session.deadline == 250)
    }

    @Test func aTimeoutSaysGoingAway() {
        var session = WebSocketSession(limits: limits, now: 0)
        #expect(session.timedOut() == .end(.goingAway, last: WebSocketFrame.close(1001, "Going away")))
        #expect(session.send([0x61], now: 300) == .wait)
    }

    @Test func afterTheEndNothingIsTaken() {
        var session = WebSocketSession(now: 0)
        _ = session.close(.deleted)
        #expect(actions(&session, textFrame("a")).isEmpty)
    }
}

@Suite struct WebSocketHandshakeTests {
    private func request(_ changes: [String: String?] = [:], method: String = "GET") -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Host": "localhost", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in changes { headers[name] = value }
        return HTTPRequest(method: method, target: "/dev", headers: headers)
    }

    private func status(_ request: HTTPRequest) -> Int? {
        do throws(WebSocketHandshake.Refusal) {
            _ = try WebSocketHandshake(request)
            return nil
        } catch {
            return error.status
        }
    }

    /// RFC 6455, section 1.3.
    @Test func theExampleOfTheStandard() {
        #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(status(request()) == nil)
    }

    @Test func whatIsNoHandshakeIsRefused() {
        #expect(status(request(["Upgrade": nil])) == 426)
        #expect(status(request(["Upgrade": "h2c"])) == 426)
        #expect(status(request(["Connection": nil])) == 400)
        #expect(status(request(["Connection": "keep-alive"])) == 400)
        #expect(status(request(["Sec-WebSocket-Version": "8"])) == 426)
        #expect(status(request(["Sec-WebSocket-Version": nil])) == 426)
        #expect(status(request(["Sec-WebSocket-Key": nil])) == 400)
        #expect(status(request(["Sec-WebSocket-Key": "c2hvcnQ="])) == 400)
        #expect(status(request(["Sec-WebSocket-Key": "not base 64 at all!"])) == 400)
        #expect(status(request(method: "POST")) == 400)
    }

    @Test func offersOfCompressionAreNotAccepted() throws {
        let offer = request(["Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"])
        let answer = try WebSocketHandshake(offer).answer(subprotocol: nil, body: .empty)
        #expect(answer.headers["sec-websocket-extensions"] == nil)
    }

    @Test func subprotocolsAreKnownInTheirOrder() throws {
        var offer = request(["Sec-WebSocket-Protocol": "a, b"])
        offer.headers.add("Sec-WebSocket-Protocol", "c")
        #expect(try WebSocketHandshake(offer).subprotocols == ["a", "b", "c"])
    }
}
