import Clock
import HTTPClient
import HTTPTypes
import JSON
import Net

/// What one process of a function, its extensions and the platform have to say, for the extensions that subscribe.
@EventLoop final class Telemetry {
    /// Events of the init that are kept for those who subscribe later.
    private static let keptEvents = 1000

    private let clock: any WallClock
    private var subscribers: [TelemetrySubscriber] = []
    private var kept: [TelemetryEvent] = []
    private var isClosed = false

    init(clock: any WallClock) { self.clock = clock }

    /// Whether anybody listens, or may still begin to. What is not wanted need not be made.
    var isWanted: Bool { !isClosed || !subscribers.isEmpty }

    func subscribe(_ subscription: TelemetrySubscription, api: TelemetryAPI, name: String) {
        let subscriber = TelemetrySubscriber(subscription, api: api, clock: clock)
        for event in kept { subscriber.add(event) }
        subscribers.append(subscriber)
        let types = subscription.categories.map { JSONValue.string($0.rawValue) }
        add(
            .platform, api == .telemetry ? "platform.telemetrySubscription" : "platform.logsSubscription",
            ["name": .string(name), "state": "Subscribed", "types": .array(types)])
    }

    /// The init is over: who has not subscribed by now, never will.
    func initEnded() {
        isClosed = true
        kept = []
    }

    var acceptsSubscribers: Bool { !isClosed }

    func add(
        _ category: TelemetrySubscription.Category, _ type: String, _ record: @autoclosure () -> JSONValue
    ) {
        guard isWanted else { return }
        let event = TelemetryEvent(time: clock.now, category: category, type: type, record: record())
        if !isClosed, kept.count < Self.keptEvents { kept.append(event) }
        for subscriber in subscribers { subscriber.add(event) }
    }

    /// Whole lines, newlines included; each is an event.
    func add(lines: [UInt8], _ category: TelemetrySubscription.Category) {
        guard isWanted, !lines.isEmpty else { return }
        for line in lines.split(separator: 0x0a) {
            add(category, category.rawValue, .string(String(decoding: line, as: UTF8.self)))
        }
    }

    /// Whether nothing is left to be sent.
    var isQuiet: Bool { subscribers.allSatisfy(\.isQuiet) }

    /// Sends what waits.
    func flush() {
        for subscriber in subscribers { subscriber.flush() }
    }

    func close() {
        for subscriber in subscribers { subscriber.close() }
        subscribers = []
        isClosed = true
    }
}

struct TelemetryEvent {
    let time: Timestamp
    let category: TelemetrySubscription.Category
    let type: String
    let record: JSONValue

    var json: JSONValue {
        ["time": .string(time.iso8601), "type": .string(type), "record": record]
    }
}

/// One subscription: gathers events and posts them to the extension's listener, in order, one post at a time.
@EventLoop final class TelemetrySubscriber {
    /// Listeners get so many tries for each post, and so many milliseconds between them.
    private static let attempts = 5
    private static let retryMilliseconds = 200
    /// How long one try may take.
    private static let timeoutMilliseconds = 2000

    private let subscription: TelemetrySubscription
    private let api: TelemetryAPI
    private let clock: any WallClock
    private var waiting: [[UInt8]] = []
    private var waitingBytes = 0
    private var dropped = (records: 0, bytes: 0)
    private var timer: LoopTimer?
    /// Runs while a post that failed waits for its next try; `isSending` stays set meanwhile.
    private var retryTimer: LoopTimer?
    private var isSending = false
    private var mustFlush = false
    private var isClosed = false

    init(_ subscription: TelemetrySubscription, api: TelemetryAPI, clock: any WallClock) {
        self.subscription = subscription
        self.api = api
        self.clock = clock
    }

    var isQuiet: Bool { waiting.isEmpty && !isSending }

    func add(_ event: TelemetryEvent) {
        guard subscription.categories.contains(event.category), isKnown(event.type) else { return }
        let bytes = event.json.encoded()
        // An extension that does not keep up loses events, not the emulator its memory.
        guard waitingBytes + bytes.count <= 4 * subscription.maximumBytes else {
            dropped.records += 1
            dropped.bytes += bytes.count
            return
        }
        waiting.append(bytes)
        waitingBytes += bytes.count
        if waiting.count >= subscription.maximumItems || waitingBytes >= subscription.maximumBytes {
            flush()
        } else {
            startTimer()
        }
    }

    private func startTimer() {
        guard timer == nil, !isClosed else { return }
        timer = LoopTimer(afterMilliseconds: subscription.timeoutMilliseconds) { [weak self] in
            self?.timer = nil
            self?.flush()
        }
    }

    /// The older API has no events of the init, the newer one none of an invocation's end.
    private func isKnown(_ type: String) -> Bool {
        switch api {
        case .logs: !type.hasPrefix("platform.init") && type != "platform.telemetrySubscription"
        case .telemetry: type != "platform.end" && type != "platform.logsSubscription"
        }
    }

    func flush() {
        timer?.cancel()
        timer = nil
        guard !isSending else {
            mustFlush = true
            return
        }
        guard !waiting.isEmpty else { return }
        var body: [UInt8] = [0x5b]
        for event in waiting {
            if body.count > 1 { body.append(0x2c) }
            body += event
        }
        body.append(0x5d)
        let records = waiting.count
        waiting = []
        waitingBytes = 0
        post(body, records: records, attemptsLeft: Self.attempts)
    }

    private func post(_ body: [UInt8], records: Int, attemptsLeft: Int) {
        isSending = true
        let (port, path) = (subscription.port, subscription.path)
        let job = TelemetryPost(body: body, port: port, path: path, timeout: Self.timeoutMilliseconds)
        TelemetryPosts.run(job) {
            if !job.isDelivered, attemptsLeft > 1, !self.isClosed {
                self.retryTimer = LoopTimer(afterMilliseconds: Self.retryMilliseconds) { [weak self] in
                    self?.retryTimer = nil
                    self?.post(body, records: records, attemptsLeft: attemptsLeft - 1)
                }
                return
            }
            if !job.isDelivered {
                self.dropped.records += records
                self.dropped.bytes += body.count
            }
            self.sent()
        }
    }

    private func sent() {
        isSending = false
        if dropped.records > 0, !isClosed {
            let record: JSONValue = [
                "reason": "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.",
                "droppedRecords": .number(JSONNumber(dropped.records)),
                "droppedBytes": .number(JSONNumber(dropped.bytes)),
            ]
            dropped = (0, 0)
            add(
                TelemetryEvent(
                    time: clock.now, category: .platform, type: "platform.logsDropped", record: record))
        }
        if mustFlush {
            mustFlush = false
            flush()
        } else if !waiting.isEmpty {
            startTimer()
        }
    }

    func close() {
        isClosed = true
        timer?.cancel()
        timer = nil
        retryTimer?.cancel()
        retryTimer = nil
    }
}

/// The posts of all subscribers, few at a time: a listener that does not answer holds a thread of the pool, and the
/// disk needs those too.
@EventLoop private enum TelemetryPosts {
    private static let most = 2
    private static var running = 0
    private static var waiting: [(TelemetryPost, @EventLoop () -> Void)] = []

    static func run(_ job: TelemetryPost, then done: @escaping @EventLoop () -> Void) {
        guard running < most else { return waiting.append((job, done)) }
        running += 1
        runBlocking {
            job.run()
        } then: {
            running -= 1
            if !waiting.isEmpty {
                let (next, itsDone) = waiting.removeFirst()
                run(next, then: itsDone)
            }
            done()
        }
    }
}

/// One post to a listener, made in the pool.
///
/// Unchecked: the pool's thread writes `isDelivered`, then the loop reads it.
private final class TelemetryPost: @unchecked Sendable {
    private static let client = HTTPClient(
        // Each extension listens at another port: a connection that is kept would hardly serve again.
        options: HTTPClient.Options(
            connectTimeoutMilliseconds: 500, maxIdlePerHost: 0, maxResponseBytes: 65_536))

    private let request: HTTPRequest
    private let url: URLParts?
    private let timeout: Int
    private(set) var isDelivered = false

    init(body: [UInt8], port: Int, path: String, timeout: Int) {
        request = HTTPRequest(
            method: "POST", target: path, headers: ["Content-Type": "application/json"], body: .bytes(body))
        url = URLParts("http://127.0.0.1:\(port)")
        self.timeout = timeout
    }

    func run() {
        guard let url else { return }
        let answer = try? Self.client.send(request, to: url, timeoutMilliseconds: timeout)
        isDelivered = answer.map { (200...299).contains($0.status) } ?? false
    }
}
