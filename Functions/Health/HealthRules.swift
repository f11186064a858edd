import JSON

/// What one checked dependency came to.
struct CheckResult: Sendable, Equatable {
    var name: String
    /// nil when it works, else one word.
    var failure: String?
    var nanoseconds: UInt64

    /// `{"state", "latencyMs"}`, with the latency in milliseconds to three places.
    var document: JSONValue {
        [
            "state": .string(failure ?? "ok"),
            "latencyMs": .number(JSONNumber(Double(nanoseconds / 1000) / 1000)),
        ]
    }
}

enum HealthRules {
    static let serviceName = "mumble-serverless"
    static let version = "0.1.0"

    /// Without these no route works, so their failure makes the whole answer 503.
    static let vital: Set<String> = ["table", "bucket"]

    static func overallStatus(_ checks: [CheckResult]) -> String {
        checks.allSatisfy { $0.failure == nil } ? "ok" : "degraded"
    }

    /// 503 when table or bucket fail; 200 when only providers do, since cached and stored work goes on.
    static func httpStatus(_ checks: [CheckResult]) -> Int {
        checks.contains { vital.contains($0.name) && $0.failure != nil } ? 503 : 200
    }
}
