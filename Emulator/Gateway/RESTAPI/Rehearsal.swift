import Bytes
import Clock
import HTTPTypes
import JSON
import Net

/// How two answers to one request compare.
struct RehearsalComparison: Sendable {
    let method: String
    let path: String
    /// Of the side that answered the caller, and of the other; nil without an answer.
    let primary: Int?
    let shadow: Int?
    /// In words; empty when both are the same.
    let differences: [String]

    init(
        _ exchange: RESTExchange, primary: IntegrationResult, shadow: IntegrationResult, ignoring: [String]
    ) {
        method = exchange.httpMethod
        path = exchange.path
        var differences: [String] = []
        switch (primary, shadow) {
        case (.success(let a), .success(let b)):
            self.primary = a.status
            self.shadow = b.status
            if a.status != b.status { differences.append("status \(a.status) against \(b.status)") }
            let (left, right) = (Self.type(a), Self.type(b))
            if left != right { differences.append("content type \(left) against \(right)") }
            differences += Self.bodies(Self.bytes(a), Self.bytes(b), ignoring)
        case (.success(let a), .failure(let failure)):
            self.primary = a.status
            self.shadow = nil
            differences.append("the shadow gave no answer: \(failure.message ?? failure.type.rawValue)")
        case (.failure(let failure), .success(let b)):
            self.primary = nil
            self.shadow = b.status
            differences.append("only the shadow answered: \(failure.message ?? failure.type.rawValue)")
        case (.failure, .failure):
            self.primary = nil
            self.shadow = nil
        }
        self.differences = differences
    }

    private static func type(_ response: HTTPResponse) -> String {
        response.headers["content-type"].map { MediaTypes.plain($0) } ?? "none"
    }

    private static func bytes(_ response: HTTPResponse) -> [UInt8] { response.body.bytes ?? [] }

    private static func bodies(_ a: [UInt8], _ b: [UInt8], _ ignoring: [String]) -> [String] {
        if a == b { return [] }
        guard let left = try? JSONValue.parse(a), let right = try? JSONValue.parse(b) else {
            return ["bodies of \(a.count) and \(b.count) bytes differ"]
        }
        return differences(left, right, at: "$", Set(ignoring))
    }

    private static func differences(
        _ a: JSONValue, _ b: JSONValue, at place: String, _ ignored: Set<String>
    ) -> [String] {
        if ignored.contains(place) || JSONSchemaValidator.areEqual(a, b) { return [] }
        switch (a, b) {
        case (.object(let left), .object(let right)):
            var names = left.keys
            for name in right.keys where left[name] == nil { names.append(name) }
            return names.flatMap { name in
                let here = "\(place).\(name)"
                if ignored.contains(here) { return [String]() }
                guard let x = left[name] else { return ["\(here) is only in the shadow's answer"] }
                guard let y = right[name] else { return ["\(here) is missing in the shadow's answer"] }
                return differences(x, y, at: here, ignored)
            }
        case (.array(let left), .array(let right)) where left.count == right.count:
            return zip(left, right).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, at: "\(place)[\(index)]", ignored)
            }
        default: return ["\(place): \(short(a)) against \(short(b))"]
        }
    }

    private static func short(_ value: JSONValue) -> String {
        let text = value.encodedString()
        return text.utf8.count <= 60 ? text : String(text.prefix(57)) + "..."
    }

    var json: JSONValue {
        [
            "request": .string("\(method) \(path)"),
            "primaryStatus": primary.map { .number(JSONNumber($0)) } ?? .null,
            "shadowStatus": shadow.map { .number(JSONNumber($0)) } ?? .null,
            "differences": .array(differences.prefix(20).map { .string($0) }),
        ]
    }
}

/// What a rehearsal has found so far.
struct RehearsalReport: Sendable {
    private(set) var compared = 0
    private(set) var same = 0
    private(set) var shadowFailures = 0
    /// Copies that were not sent because too many were under way.
    var skipped = 0
    private var samples: [RehearsalComparison] = []

    private static let mostSamples = 50

    mutating func note(_ comparison: RehearsalComparison) {
        compared += 1
        if comparison.differences.isEmpty {
            same += 1
            return
        }
        if comparison.shadow == nil { shadowFailures += 1 }
        if samples.count < Self.mostSamples { samples.append(comparison) }
    }

    /// `same`, `different`, or `nothing compared`.
    var verdict: String {
        compared == 0 ? "nothing compared" : same == compared ? "same" : "different"
    }

    func json(under way: Int) -> JSONValue {
        func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
        return [
            "verdict": .string(verdict), "compared": number(compared), "same": number(same),
            "different": number(compared - same), "shadowFailures": number(shadowFailures),
            "skipped": number(skipped), "underWay": number(way),
            "samples": .array(samples.map(\.json)),
        ]
    }
}

extension RESTAPI {
    /// One side answers; the other gets a copy if this is a rehearsal.
    func answer(
        by side: CanarySide, _ canary: Canary, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        let isShadowed = canary.beginShadow()
        let started = MonotonicClock.nanoseconds
        let result = await ask(side, canary, exchange, method)
        let isError =
            switch result {
            case .success(let response): response.status >= 500
            case .failure: true
            }
        canary.note(
            side, isError: isError,
            milliseconds: Double(MonotonicClock.nanoseconds - started) / 1_000_000)
        if isShadowed {
            var copy = exchange
            // The log tells of the side that answers.
            copy.facts = nil
            Task(executorPreference: EventLoop.taskExecutor) { [copy] in
                let shadow = await self.ask(side.other, canary, copy, method)
                canary.endShadow(
                    RehearsalComparison(
                        exchange, primary: result, shadow: shadow, ignoring: canary.settings.ignoredPaths))
            }
        }
        return result
    }

    private func ask(
        _ side: CanarySide, _ canary: Canary, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        if side == .functions { return await ask(exchange, method) }
        return await askLegacy(canary, exchange, method)
    }

    private func askLegacy(
        _ canary: Canary, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        guard !HTTPProxyTarget.hasDotSegment(exchange.path) else { return .failure(.badPath) }
        var url = canary.settings.legacyURL
        while url.path.hasSuffix("/") { url.path.removeLast() }
        url.path += exchange.path
        url.query = exchange.request.rawQuery
        var headers = exchange.request.headers
        headers.remove("host")
        return await send(
            BackendRequest(
                method: exchange.httpMethod, url: url, headers: headers,
                added: forwarded(exchange, headers), body: exchange.body,
                timeoutMilliseconds: method.timeoutMilliseconds),
            exchange
        ).map { HTTPResponse(status: $0.status, headers: HeaderRules.renamed($0.headers), body: $0.body) }
    }
}
