/// Bounds retries by a share of the requests, so that a backend in trouble is not asked several times as much as
/// one that is well. Pure.
public struct RetryBudget: Sendable {
    /// Hundredths of a retry.
    private var balance: Int
    private let percent: Int
    private static let reserve = 10 * 100
    /// What is not used is kept up to here.
    private static let most = 100 * 100

    /// - Parameter percent: retries that each hundred requests earn.
    public init(percent: Int) {
        self.percent = percent
        balance = percent > 0 ? Self.reserve : 0
    }

    /// Whole retries that may be made now.
    public var available: Int { balance / 100 }

    /// A first attempt has been made.
    public mutating func earn() { balance = min(Self.most, balance + percent) }

    /// Takes one retry; false when there is none left.
    public mutating func spend() -> Bool {
        guard balance >= 100 else { return false }
        balance -= 100
        return true
    }
}
