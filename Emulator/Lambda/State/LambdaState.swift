import Store

/// What of Lambda lives in the data folder, and is exchanged together with tables and buckets: functions made
/// by requests, and events that wait for their function.
public final class LambdaState: Sendable {
    let store: Store

    public init(store: Store) { self.store = store }
}
