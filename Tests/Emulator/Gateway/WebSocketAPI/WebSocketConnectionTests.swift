import Clock
import HTTPTypes
import Net
import Testing

@testable import Gateway

/// How much of what a client sends is taken at once.
@EventLoop @Suite struct WebSocketConnectionTests {
    private let connection: WebSocketConnection
    private let seen = Seen()

    @EventLoop private final class Seen {
        var messages: [String] = []
        var ending: WebSocketSession.Ending?
        nonisolated init() {}
    }

    init() {
        let clock = ManualClock(Timestamp(seconds: 0))
        let facts = ConnectionFacts(
            HTTPRequest(method: "GET", target: "/dev"), id: "id", stage: .init(name: "dev"), now: clock.now)
        connection = WebSocketConnection(facts, limits: WebSocketSession.Limits(), clock: clock)
        connection.start(
            open: { _ in },
            message: { [seen] connection, text in
                seen.messages.append(String(decoding: text, as: UTF8.self))
                connection.began()
            },
            closed: { [seen] in seen.ending = $1 })
    }

    private func receive(_ numbers: Range<Int>) {
        let bytes = numbers.flatMap { textFrame("\($0)") }
        bytes.withUnsafeBytes { connection.wire.onBytes?($0) }
    }

    @Test func noMoreThanThirtyTwoMessagesOfOneReadRun() {
        receive(0..<1_000)
        #expect(seen.messages.count == 32)
        connection.finished()
        #expect(seen.messages.count == 33)
        for _ in 0..<10 { connection.finished() }
        #expect(seen.messages.count == 43)
    }

    @Test func allOfThemComeInTheirOrder() {
        receive(0..<100)
        receive(100..<150)
        for _ in 0..<150 { connection.finished() }
        #expect(seen.messages == (0..<150).map { "\($0)" })
    }

    @Test func theEndWaitsForWhatIsBeforeIt() {
        receive(0..<40)
        connection.wire.onEnd?()
        #expect(seen.ending == nil)
        for _ in 0..<40 { connection.finished() }
        #expect(seen.messages.count == 40)
        #expect(seen.ending == .brokenOff)
    }
}
