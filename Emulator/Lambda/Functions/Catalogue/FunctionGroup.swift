import Net

/// What all versions of one function share: its concurrency and its log.
@EventLoop final class FunctionGroup {
    let log: FunctionLog
    /// Reserved by the manifest or by a request; nil leaves the function to the account's limit.
    var reserved: Int?
    /// What the account allows.
    private let accountLimit: Int
    private var hosts: [FunctionHost] = []

    init(log: FunctionLog, accountLimit: Int) {
        self.log = log
        self.accountLimit = accountLimit
    }

    var isReserved: Bool { reserved != nil }

    /// Hosts that exist, also those whose code has been replaced.
    var isEmpty: Bool { hosts.isEmpty }

    func add(_ host: FunctionHost) { hosts.append(host) }

    func remove(_ host: FunctionHost) { hosts.removeAll { $0 === host } }

    /// How many invocations this host may have at once, with those that the others have now.
    func room(for host: FunctionHost) -> Int {
        var others = 0
        for other in hosts where other !== host { others += other.active }
        return max(0, (reserved ?? accountLimit) - others)
    }
}
