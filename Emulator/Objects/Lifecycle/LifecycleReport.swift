/// What a sweep did.
public struct LifecycleReport: Sendable, Equatable {
    /// In one bucket.
    public struct Counts: Sendable, Equatable {
        /// Objects deleted for good, in buckets without versions.
        public var expired = 0
        /// Objects hidden behind a new delete marker.
        public var markersMade = 0
        /// Delete markers with nothing below them, removed.
        public var markersRemoved = 0
        /// Noncurrent versions deleted for good.
        public var versionsRemoved = 0
        /// Versions moved to another storage class.
        public var transitioned = 0
        public var uploadsAborted = 0
        /// Versions that an object lock kept.
        public var kept = 0

        public init() {}
    }

    /// Buckets that have rules, by name.
    public internal(set) var buckets: [String: Counts] = [:]
    /// Restored copies of archived objects that went.
    public internal(set) var restoresEnded = 0

    public init() {}
}
