import JSON

/// How long many calls took.
struct LatencyReport: Sendable {
    struct Bucket: Sendable, Equatable {
        /// Milliseconds, excluded; the one before is where the bucket begins.
        let limit: Double
        var count: Int
    }

    let count: Int
    /// How many calls failed, by their reason.
    let errors: [String: Int]
    /// From the first call to the end of the last.
    let seconds: Double
    /// In milliseconds, ascending.
    private let sorted: [Double]

    init(nanoseconds: [UInt64], errors: [String: Int], seconds: Double) {
        count = nanoseconds.count
        sorted = nanoseconds.map { Double($0) / 1e6 }.sorted()
        self.errors = errors
        self.seconds = seconds
    }

    var errorCount: Int { errors.values.reduce(0, +) }
    var minimum: Double { sorted.first ?? 0 }
    var maximum: Double { sorted.last ?? 0 }

    /// The smallest latency that `percent` of all calls do not exceed (nearest rank).
    func percentile(_ percent: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// From the fastest to the slowest call, each bucket about half as wide again as the one before.
    var buckets: [Bucket] {
        guard let first = sorted.first, let last = sorted.last else { return [] }
        var limits: [Double] = []
        var power = 0.001
        while limits.last ?? 0 <= last {
            for step in [1.0, 1.5, 2, 3, 5, 7] where step * power > first && limits.last ?? 0 <= last {
                limits.append(step * power)
            }
            power *= 10
        }
        var buckets = limits.map { Bucket(limit: $0, count: 0) }
        var index = 0
        for value in sorted {
            while value >= buckets[index].limit, index < buckets.count - 1 { index += 1 }
            buckets[index].count += 1
        }
        return buckets
    }

    /// A table for people.
    var text: String {
        let most = max(1, buckets.map(\.count).max() ?? 1)
        let rows = buckets.map { bucket in
            let width = (bucket.count * 40 + most - 1) / most
            return [
                "  < \(Self.short(bucket.limit)) ms", "\(bucket.count)", String(repeating: "#", count: width),
            ]
        }
        let facts = [
            ("min", minimum), ("p50", percentile(50)), ("p90", percentile(90)), ("p99", percentile(99)),
            ("max", maximum),
        ].map { "\($0.0) \($0.1.twoDecimals)" }.joined(separator: "  ")
        var lines = [
            Terminal.table(rows), "", "\(facts)  ms",
            "\(count) calls in \(seconds.twoDecimals) s, \(Int(rate.rounded())) a second, \(errorCount) failed",
        ]
        for (reason, count) in errors.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(3) {
            lines.append("  \(count) times: \(reason)")
        }
        return lines.joined(separator: "\n")
    }

    private var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }

    var json: JSONValue {
        [
            "count": .number(.init(count)), "errors": .number(.init(errorCount)),
            "seconds": .number(.init(seconds)), "perSecond": .number(.init(rate)),
            "minMs": .number(.init(minimum)), "p50Ms": .number(.init(percentile(50))),
            "p90Ms": .number(.init(percentile(90))), "p99Ms": .number(.init(percentile(99))),
            "maxMs": .number(.init(maximum)),
            "buckets": .array(
                buckets.map { bucket in
                    ["belowMs": .number(.init(bucket.limit)), "count": .number(.init(bucket.count))]
                }),
            "reasons": .object(
                JSONObject(errors.sorted { $0.key < $1.key }.map { ($0, .number(.init($1))) })),
        ]
    }

    /// Without digits that say nothing.
    private static func short(_ milliseconds: Double) -> String {
        let text = "\((milliseconds * 1_000).rounded() / 1_000)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
