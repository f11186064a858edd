import JSON

/// One of the three stages, with what holds where the manifest's `deployment.stages` says nothing of it.
public struct Stage: Sendable {
    public enum Name: String, Sendable, CaseIterable { case dev, staging, prod }

    /// When an alarm goes off. Zero events are never alarming.
    struct Alarms {
        /// Failed calls in a period.
        let errors: Int
        /// Throttled calls in a period.
        let throttles: Int
        /// Of the function's timeout that its slowest calls (p99) may take.
        let durationPercent: Int
        /// Seconds.
        let period: Int
        /// An SNS topic that is told.
        let topic: String?
    }

    public let name: Name
    private let settings: JSONValue?

    public init(_ name: Name, of manifest: JSONValue) {
        self.name = name
        settings = manifest["deployment"]?["stages"]?[name.rawValue]
    }

    /// Days that logs are kept.
    var logRetention: Int {
        if let days = settings?["logRetentionDays"]?.int { return days }
        return switch name {
        case .dev: 7
        case .staging: 30
        case .prod: 90
        }
    }

    /// How CodeDeploy moves callers to a new version.
    var preference: String {
        settings?["deploymentPreference"]?.string ?? (name == .dev ? "AllAtOnce" : "Canary10Percent5Minutes")
    }

    /// Whether tables and buckets outlive their stack.
    var retainsData: Bool { settings?["retainData"]?.bool ?? (name == .prod) }

    /// Whether all tables can be restored as of any second, whatever they say themselves.
    public var recoversTables: Bool { settings?["pointInTimeRecovery"]?.bool ?? (name == .prod) }

    /// Whether functions with `warmUp` are called by the clock.
    var warmsUp: Bool { settings?["warmUp"]?.bool ?? (name == .prod) }

    /// nil when the stage wants none.
    var alarms: Alarms? {
        let alarms = settings?["alarms"]
        if alarms?.bool == false { return nil }
        return Alarms(
            errors: alarms?["errors"]?.int ?? 1, throttles: alarms?["throttles"]?.int ?? 1,
            durationPercent: alarms?["durationPercent"]?.int ?? 90,
            period: alarms?["periodSeconds"]?.int ?? 300, topic: alarms?["topicArn"]?.string)
    }

    /// Variables of all functions.
    public var environment: JSONObject { settings?["environment"]?.object ?? [:] }

    /// What differs for one function: `memorySize`, `timeout`, `environment` and the like.
    public func settings(of function: String) -> JSONValue? { settings?["functions"]?[function] }

    func path(_ rest: String...) -> [String] { ["deployment", "stages", name.rawValue] + rest }
}
