import Bytes
import Clock
import Foundation
import Store
import Synchronization
import Testing

@testable import Lambda

/// The queue inside of the emulator.
@Suite struct MessageQueueTests {
    private let clock = ManualClock(Timestamp(milliseconds: 1_000_000))

    private func withStore(_ body: (Store) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "queue-" + UUID4.make()
        let store = try Store.open(at: folder, clock: clock)
        defer {
            store.close()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try await body(store)
    }

    private func queue(_ store: Store, _ name: String = "q") -> MessageQueue {
        MessageQueue(name, in: store, clock: clock)
    }

    private func message(_ text: String) -> QueueMessage { QueueMessage(body: Array(text.utf8)) }
    private func texts(_ messages: [ReceivedMessage]) -> [String] {
        messages.map { String(decoding: $0.message.body, as: UTF8.self) }
    }

    @Test func messagesComeInTheirOrder() async throws {
        try await withStore { store in
            let queue = queue(store)
            for text in ["a", "b", "c"] { try await queue.send(message(text)) }
            #expect(texts(try await queue.receive(maximum: 2, visibilityMilliseconds: 1000)) == ["a", "b"])
            #expect(texts(try await queue.receive(maximum: 2, visibilityMilliseconds: 1000)) == ["c"])
        }
    }

    @Test func whatWasReceivedIsHiddenForItsTime() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("a"))
            let first = try await queue.receive(maximum: 1, visibilityMilliseconds: 1000)
            #expect(first.first?.receives == 1)
            clock.advance(milliseconds: 999)
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 1000).isEmpty)
            clock.advance(milliseconds: 1)
            let again = try await queue.receive(maximum: 1, visibilityMilliseconds: 1000)
            #expect(again.first?.receives == 2)
            #expect(again.first?.id == first.first?.id)
        }
    }

    @Test func aReceiptIsGoodUntilTheNextOne() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("a"))
            let first = try #require(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).first)
            clock.advance(milliseconds: 10)
            let second = try #require(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).first)
            #expect(try await !store.commit { try queue.delete(first.receipt, in: $0) })
            #expect(try await store.commit { try queue.delete(second.receipt, in: $0) })
            clock.advance(milliseconds: 100)
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).isEmpty)
        }
    }

    @Test func delayedMessagesComeLater() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("late"), delayMilliseconds: 5000)
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).isEmpty)
            clock.advance(milliseconds: 5000)
            #expect(texts(try await queue.receive(maximum: 1, visibilityMilliseconds: 10)) == ["late"])
        }
    }

    @Test func attributesAreKept() async throws {
        try await withStore { store in
            let queue = queue(store)
            let attributes = ["ErrorCode": QueueMessage.Attribute(type: "Number", value: "200")]
            try await queue.send(QueueMessage(body: [0, 255, 10], attributes: attributes))
            let received = try await queue.receive(maximum: 1, visibilityMilliseconds: 10)
            #expect(received.first?.message == QueueMessage(body: [0, 255, 10], attributes: attributes))
        }
    }

    @Test func whatWasReceivedTooOftenGoesToTheDeadLetters() async throws {
        try await withStore { store in
            let settings = QueueSettings(redrive: .init(deadLetters: "dead", maximumReceives: 2))
            try await store.commit { settings.write("q", in: $0) }
            let queue = queue(store)
            try await queue.send(message("bad"))
            for _ in 0..<2 {
                #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).count == 1)
                clock.advance(milliseconds: 10)
            }
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).isEmpty)
            let dead = try await self.queue(store, "dead").receive(maximum: 10, visibilityMilliseconds: 10)
            #expect(texts(dead) == ["bad"])
        }
    }

    @Test func messagesThatAreReceivedTogetherHaveSoManyBytes() async throws {
        try await withStore { store in
            let queue = queue(store)
            for text in ["a", "b", "c"] {
                try await queue.send(message(String(repeating: text, count: 1_000)))
            }
            var sizes: [Int] = []
            for _ in 0..<3 {
                let received = try await queue.receive(
                    maximum: 9, bytes: 2_500, visibilityMilliseconds: 1_000)
                sizes.append(received.count)
            }
            #expect(sizes == [2, 1, 0])
        }
    }

    @Test func aMessageLargerThanTheLimitComesAlone() async throws {
        try await withStore { store in
            let queue = queue(store)
            for text in ["long", "b"] { try await queue.send(message(text)) }
            let received = try await queue.receive(maximum: 9, bytes: 1, visibilityMilliseconds: 1_000)
            #expect(texts(received) == ["long"])
        }
    }

    @Test func aDamagedMessageHoldsUpNoOther() async throws {
        try await withStore { store in
            let lines = Mutex<[String]>([])
            var queue = queue(store)
            queue.log = { line in lines.withLock { $0.append(line) } }
            try await store.commit {
                $0.put(.queue, QueueKeys.waiting(QueueKeys.messages("q"), due: $0.now, order: 0), [9])
            }
            try await queue.send(message("whole"))
            #expect(texts(try await queue.receive(maximum: 1, visibilityMilliseconds: 10)).isEmpty)
            #expect(texts(try await queue.receive(maximum: 1, visibilityMilliseconds: 10)) == ["whole"])
            #expect(lines.withLock { $0.count } == 1)
        }
    }

    @Test func aMessageCanBeShownAgain() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("a"))
            let first = try #require(try await queue.receive(maximum: 1, visibilityMilliseconds: 1000).first)
            let isShown = try await store.commit {
                try queue.changeVisibility(first.receipt, milliseconds: 0, in: $0) != nil
            }
            #expect(isShown)
            let again = try await queue.receive(maximum: 1, visibilityMilliseconds: 1000)
            #expect(again.first?.id == first.id && again.first?.receives == 2)
        }
    }

    @Test func aMessageCanBeHiddenForLonger() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("a"))
            let first = try #require(try await queue.receive(maximum: 1, visibilityMilliseconds: 1000).first)
            let receipt = try #require(
                try await store.commit {
                    try queue.changeVisibility(first.receipt, milliseconds: 5000, in: $0)
                })
            clock.advance(milliseconds: 4999)
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).isEmpty)
            #expect(try await !store.commit { try queue.delete(first.receipt, in: $0) })
            #expect(try await store.commit { try queue.delete(receipt, in: $0) })
        }
    }

    @Test func theVisibilityOfAnOldReceiptCannotBeChanged() async throws {
        try await withStore { store in
            let queue = queue(store)
            try await queue.send(message("a"))
            let first = try #require(try await queue.receive(maximum: 1, visibilityMilliseconds: 0).first)
            _ = try await queue.receive(maximum: 1, visibilityMilliseconds: 1000)
            let isChanged = try await store.commit {
                try queue.changeVisibility(first.receipt, milliseconds: 0, in: $0) != nil
            }
            #expect(!isChanged)
            #expect(try await queue.receive(maximum: 1, visibilityMilliseconds: 10).isEmpty)
        }
    }

    @Test(arguments: [
        QueueSettings(), QueueSettings(visibilitySeconds: 0),
        QueueSettings(redrive: .init(deadLetters: "d", maximumReceives: 3), visibilitySeconds: 5),
    ])
    func settingsAreStored(_ settings: QueueSettings) async throws {
        try await withStore { store in
            try await store.commit { settings.write("q", in: $0) }
            #expect(try store.read { try QueueSettings.read("q", $0) } == settings)
            #expect(try store.read { try QueueSettings.read("r", $0) } == nil)
        }
    }

    @Test func aQueueOfAnEarlierVersionHasNoSettings() async throws {
        try await withStore { store in
            try await store.commit { $0.put(.functions, QueueKeys.queue("q"), []) }
            #expect(try store.read { try QueueSettings.read("q", $0) } == QueueSettings())
        }
    }

    @Test func queuesWithSimilarNamesAreApart() async throws {
        try await withStore { store in
            try await queue(store, "a").send(message("1"))
            try await queue(store, "ab").send(message("2"))
            #expect(
                texts(try await queue(store, "a").receive(maximum: 9, visibilityMilliseconds: 10)) == ["1"])
        }
    }

    @Test func messagesOutliveTheStore() async throws {
        let folder = NSTemporaryDirectory() + "queue-" + UUID4.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var store = try Store.open(at: folder, clock: clock)
        try await queue(store).send(message("kept"))
        store.close()
        store = try Store.open(at: folder, clock: clock)
        #expect(texts(try await queue(store).receive(maximum: 9, visibilityMilliseconds: 10)) == ["kept"])
        store.close()
    }
}

extension MessageQueue {
    /// In a commit of its own.
    fileprivate func send(_ message: QueueMessage, delayMilliseconds: Int64 = 0) async throws {
        let (name, visible) = (name, clock.now + delayMilliseconds)
        _ = try await store.commit { Self.send(message, to: name, visible: visible, in: $0) }
    }
}
