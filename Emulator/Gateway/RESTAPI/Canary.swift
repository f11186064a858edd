import Bytes
import HTTPTypes
import JSON
import Synchronization

/// A running split: its weight can change while requests run, and it counts what each side does.
public final class Canary: Sendable {
    /// Counts of one side.
    struct Side: Sendable {
        var requests = 0
        /// Statuses from 500, and no answer at all.
        var errors = 0
        var milliseconds = 0.0
        var slowest = 0.0

        mutating func note(isError: Bool, milliseconds: Double) {
            requests += 1
            if isError { errors += 1 }
            self.milliseconds += milliseconds
            slowest = max(slowest, milliseconds)
        }

        var json: JSONValue {
            let count = Double(max(1, requests))
            return [
                "requests": .number(JSONNumber(requests)), "errors": .number(JSONNumber(errors)),
                "errorRate": Canary.rounded(Double(errors) / count),
                "averageMilliseconds": Canary.rounded(milliseconds / count),
                "slowestMilliseconds": Canary.rounded(slowest),
            ]
        }
    }

    struct State: Sendable {
        var percent: Double
        var isRehearsing: Bool
        var functions = Side()
        var legacy = Side()
        var rehearsal = RehearsalReport()
        /// Copies that are under way.
        var shadows = 0
    }

    /// A stage, or the key of a method.
    public let target: String
    public let settings: CanarySettings
    let state: Mutex<State>

    static let cookieName = "mumble-canary"
    /// Copies at once; what comes beyond is counted, not sent.
    private static let mostShadows = 64

    init(target: String, settings: CanarySettings) {
        self.target = target
        self.settings = settings
        state = Mutex(State(percent: settings.percentTraffic, isRehearsing: settings.rehearsal))
    }

    public var percent: Double { state.withLock { $0.percent } }

    /// Changes the weight for all requests from now on.
    public func set(percent: Double) { state.withLock { $0.percent = percent } }

    fileprivate func kept(percent: Double?, rehearsing: Bool?) -> JSONValue {
        state.withLock { state in
            [
                "percent": .number(JSONNumber(percent ?? state.percent)),
                "rehearsing": .bool(rehearsing ?? state.isRehearsing),
                "declared": declared,
            ]
        }
    }

    /// Who changes the manifest means it: what was set before does not hold any more then.
    private var declared: JSONValue {
        [
            "percent": .number(JSONNumber(settings.percentTraffic)), "rehearsing": .bool(settings.rehearsal),
        ]
    }

    fileprivate func restore(_ kept: JSONValue?) {
        let isMeant = kept?["declared"] == declared
        set(percent: (isMeant ? kept?["percent"]?.double : nil) ?? settings.percentTraffic)
        set(rehearsing: (isMeant ? kept?["rehearsing"]?.bool : nil) ?? settings.rehearsal)
    }

    /// Begins or ends to send copies; a new rehearsal starts its report anew.
    public func set(rehearsing: Bool) {
        state.withLock { state in
            if rehearsing, !state.isRehearsing { state.rehearsal = RehearsalReport() }
            state.isRehearsing = rehearsing
        }
    }

    /// The side of a request, and the cookie that keeps its caller there.
    func choose(_ exchange: RESTExchange) -> (side: CanarySide, cookie: String?) {
        var generator = BufferedRandomNumberGenerator()
        let random = UInt64.random(in: 0..<CanaryChoice.buckets, using: &generator)
        var bucket = random
        var cookie: String?
        switch settings.stickiness {
        case nil: break
        case .sourceIP: bucket = CanaryChoice.bucket(of: exchange.request.peerAddress)
        case .identity(let source):
            let value = source.value(in: exchange.request, context: { _ in nil }, stageVariables: [:])
            if let value { bucket = CanaryChoice.bucket(of: value) }
        case .cookie:
            if let kept = Self.bucket(in: exchange.request.headers) {
                bucket = kept
            } else {
                cookie = "\(Self.cookieName)=\(random); Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
            }
        }
        return (CanaryChoice.side(bucket: bucket, percent: percent), cookie)
    }

    private static func bucket(in headers: HTTPHeaders) -> UInt64? {
        for field in headers.values("cookie") {
            for part in field.split(separator: ";") {
                let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, pair[0] == cookieName, let bucket = UInt64(pair[1]),
                    bucket < CanaryChoice.buckets
                else { continue }
                return bucket
            }
        }
        return nil
    }

    func note(_ side: CanarySide, isError: Bool, milliseconds: Double) {
        state.withLock { state in
            if side == .functions {
                state.functions.note(isError: isError, milliseconds: milliseconds)
            } else {
                state.legacy.note(isError: isError, milliseconds: milliseconds)
            }
        }
    }

    /// Whether a copy is to be sent now.
    func beginShadow() -> Bool {
        state.withLock { state in
            guard state.isRehearsing else { return false }
            guard state.shadows < Self.mostShadows else {
                state.rehearsal.skipped += 1
                return false
            }
            state.shadows += 1
            return true
        }
    }

    func endShadow(_ comparison: RehearsalComparison) {
        state.withLock { state in
            state.shadows -= 1
            state.rehearsal.note(comparison)
        }
    }

    /// What `emulator canary` shows.
    public var json: JSONValue {
        state.withLock { state in
            [
                "target": .string(target), "legacyUrl": .string(settings.legacyURL.description),
                "percentTraffic": Self.rounded(state.percent), "rehearsal": .bool(state.isRehearsing),
                "functions": state.functions.json, "legacy": state.legacy.json,
                "report": state.rehearsal.json(under: state.shadows),
            ]
        }
    }

    static func rounded(_ value: Double) -> JSONValue {
        .number(JSONNumber((value * 1_000).rounded() / 1_000))
    }
}

/// All splits of an API.
public final class CanaryTable: Sendable {
    public let all: [Canary]
    private let byTarget: [String: Canary]

    init(_ configuration: RESTAPIConfiguration) {
        var all: [Canary] = []
        for stage in configuration.stages {
            if let settings = stage.canary { all.append(Canary(target: stage.name, settings: settings)) }
        }
        for method in configuration.methods {
            if let settings = method.canary { all.append(Canary(target: method.key, settings: settings)) }
        }
        self.all = all
        byTarget = Dictionary(all.map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(target: String) -> Canary? { byTarget[target] }

    /// How each split is set, to be kept over a restart.
    ///
    /// - Parameter changing: shows one of them as it is going to be.
    public func kept(changing target: String, percent: Double?, rehearsing: Bool?) -> JSONValue {
        .object(
            JSONObject(
                all.map { canary in
                    let isMeant = canary.target == target
                    return (
                        canary.target,
                        canary.kept(percent: isMeant ? percent : nil, rehearsing: isMeant ? rehearsing : nil)
                    )
                }))
    }

    /// Sets each split as it was when `kept` was made; those that are not in it, as the manifest says.
    public func restore(_ kept: JSONValue) { for canary in all { canary.restore(kept[canary.target]) } }

    /// A method's own split counts before that of its stage.
    func canary(stage: RESTStage, method: RESTMethod) -> Canary? {
        all.isEmpty ? nil : byTarget[method.key] ?? byTarget[stage.name]
    }
}
