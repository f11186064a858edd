import Clock
import HTTPServer
import HTTPTypes
import Net
import Testing

@testable import Gateway

/// A running API by a clock of the test's own.
@EventLoop @Suite struct WebSocketAPITimeTests {
    @EventLoop private final class Hand {
        var milliseconds: UInt64 = 1_000
        nonisolated init() {}
    }

    private let hand = Hand()
    private let api: WebSocketAPI

    init() throws {
        api = WebSocketAPI(
            configuration: WebSocketConfiguration(
                apiID: "chat", name: "chat", accountID: "0", region: "r",
                selection: try RouteSelection("$request.body.action"), routes: [],
                stages: [.init(name: "dev")]),
            clock: ManualClock(Timestamp(seconds: 0)), now: { [hand] in hand.milliseconds },
            invoke: { _, _, _ in .notFound }, verify: { _ in nil })
    }

    private func open() async throws -> SwitchedConnection {
        let answer = await api.respond(
            to: HTTPRequest(
                method: "GET", target: "/dev",
                headers: [
                    "Host": "h", "Connection": "Upgrade", "Upgrade": "websocket",
                    "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
                ]))
        guard case .stream(let body) = answer.body else {
            throw Problem(status: answer.status)
        }
        let wire = try #require(body as? SwitchedConnection)
        wire.onOpen?()
        return wire
    }

    private struct Problem: Error { let status: Int }

    /// How many connections are open at that time.
    private func open(at milliseconds: UInt64) -> Int {
        hand.milliseconds = 1_000 + milliseconds
        api.endOldConnections()
        return api.connections.count
    }

    @Test func aConnectionEndsAfterTenMinutesWithoutAFrame() async throws {
        let wire = try await open()
        #expect(open(at: 599_999) == 1)
        clientFrame(9).withUnsafeBytes { wire.onBytes?($0) }
        #expect(open(at: 1_199_998) == 1)
        #expect(open(at: 1_199_999) == 0)
    }

    @Test func aConnectionEndsAfterTwoHours() async throws {
        let wire = try await open()
        for minute in 1..<120 {
            #expect(open(at: UInt64(minute) * 60_000) == 1)
            clientFrame(9).withUnsafeBytes { wire.onBytes?($0) }
        }
        #expect(open(at: 7_199_999) == 1)
        #expect(open(at: 7_200_000) == 0)
    }
}
