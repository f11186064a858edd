import Clock

extension ObjectsService {
    /// Carries out the lifecycle rules of all buckets at once.
    /// - Parameters:
    ///   - moment: as of when rules are due; nothing is ever due earlier than now. Locks keep to the true time.
    ///   - bucket: one bucket alone; nil: all.
    public func runLifecycle(
        asOf moment: Timestamp? = nil, bucket: String? = nil
    ) async throws -> LifecycleReport {
        try await core.runLifecycle(asOf: moment, bucket: bucket)
    }
}

extension ObjectsCore {
    func runLifecycle(asOf moment: Timestamp?, bucket: String?) async throws -> LifecycleReport {
        if let bucket { _ = try store.read { try self.bucket(bucket, in: $0) } }
        let now = max(moment ?? clock.now, clock.now)
        var restoresEnded = 0
        while true {
            let ended = try await RestoreExpiry.run(self, until: now)
            restoresEnded += ended
            if ended == 0 { break }
        }
        var sweep = try LifecycleSweep(of: bucket.map { [$0] }, asOf: now, in: self)
        while try await sweep.step(self) {}
        var report = sweep.report
        report.restoresEnded = restoresEnded
        work.wake(self)
        return report
    }
}
