/// Whether a backend is well, by what its health checks say. Pure. A backend counts as well until checks say otherwise.
public struct HealthState: Sendable {
    public let healthyThreshold: Int
    public let unhealthyThreshold: Int
    public private(set) var isHealthy = true
    /// Checks in a row that contradict `isHealthy`.
    private var contrary = 0

    public init(healthyThreshold: Int, unhealthyThreshold: Int) {
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
    }

    /// Takes note of a check; true when it has changed the verdict.
    public mutating func note(isGood: Bool) -> Bool {
        guard isGood != isHealthy else {
            contrary = 0
            return false
        }
        contrary += 1
        guard contrary >= (isHealthy ? unhealthyThreshold : healthyThreshold) else { return false }
        isHealthy = isGood
        contrary = 0
        return true
    }
}
