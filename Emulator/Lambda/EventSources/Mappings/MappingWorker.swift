import Clock
import JSON
import Net
import Store

/// Works for one mapping as long as it is enabled, and can be stopped at any step.
@EventLoop class MappingWorker {
    let mapping: EventSourceMapping
    let store: Store
    unowned let service: LambdaService
    let patterns: [EventPattern]
    private(set) var isStopped = false
    private var tasks: [Task<Void, Never>] = []
    private let commits = UnderWay()

    /// How long an empty source is left alone.
    static var restMilliseconds: Int { 100 }
    private static let longestPause = 60_000

    init(_ mapping: EventSourceMapping, _ store: Store, _ service: LambdaService) {
        self.mapping = mapping
        self.store = store
        self.service = service
        // They were checked when they were set.
        patterns = mapping.settings.filters.compactMap { try? EventPattern($0) }
    }

    /// To be overridden: begins to work.
    func start() {}

    final func run(_ body: @escaping @EventLoop () async -> Void) {
        tasks.append(Task { @EventLoop in await body() })
    }

    /// Nothing new is begun. What a function answers from now on counts only if it succeeded.
    final func stop() { isStopped = true }

    /// After `stop`: waits for calls under way and what they lead to.
    final func finished() async {
        for task in tasks { await task.value }
    }

    /// After `stop`: waits for commits under way alone.
    final func settled() async { await commits.none() }

    /// Waits, but not much longer than until the worker is stopped.
    final func rest(_ milliseconds: Int) async {
        var left = milliseconds
        while left > 0, !isStopped {
            await sleep(milliseconds: min(left, Self.restMilliseconds))
            left -= Self.restMilliseconds
        }
    }

    /// A growing pause before the same is tried again.
    final func back(off failures: Int) async {
        let first = service.configuration.streamRetryDelayMs
        await rest(min(Self.longestPause, first << min(failures, 12)))
    }

    /// Commits what became of a batch while its mapping is there; tries until that has worked.
    final func note(
        evenIfDeleted: Bool = false, _ body: @escaping @Sendable (Transaction) throws -> Void
    ) async {
        commits.begin()
        defer { commits.end() }
        let key = mapping.key
        while true {
            do {
                return try await store.commit { transaction in
                    guard try evenIfDeleted || transaction.get(.functions, key) != nil else { return }
                    try body(transaction)
                }
            } catch StoreError.closed {
                return
            } catch {
                service.asyncEvents.log("The checkpoint of a mapping cannot be stored yet: \(error).")
                if isStopped { return }
                await sleep(milliseconds: 1_000)
            }
        }
    }

    /// Whether the mapping's filters let something through.
    final func isWanted(_ event: JSONObject) -> Bool {
        patterns.isEmpty || patterns.contains { $0.matches(.object(event)) }
    }

    /// With the qualifier, as records name it.
    final var functionARN: String {
        service.arn(mapping.function, mapping.qualifier)
    }
}
