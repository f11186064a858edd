/// Other services, as far as Lambda has to know them. It knows of none by itself: whoever assembles the emulator hands
/// over the questions that it has.
public struct EventNeighbours: Sendable {
    /// Whether there is a bucket of that name.
    public var bucketExists: @Sendable (_ bucket: String) async -> Bool
    /// Stores an object; returns once it is stored.
    public var putObject: @Sendable (_ bucket: String, _ key: String, _ body: [UInt8]) async throws -> Void
    /// The streams of tables.
    public var streams: StreamReading

    public init(
        bucketExists: @escaping @Sendable (_ bucket: String) async -> Bool,
        putObject:
            @escaping @Sendable (_ bucket: String, _ key: String, _ body: [UInt8]) async throws -> Void,
        streams: StreamReading
    ) {
        self.bucketExists = bucketExists
        self.putObject = putObject
        self.streams = streams
    }

    /// Nobody at all.
    public static let none = EventNeighbours(
        bucketExists: { _ in false }, putObject: { bucket, _, _ in throw NoSuchBucket(bucket: bucket) },
        streams: .none)
}

/// A record cannot be stored.
struct NoSuchBucket: Error {
    let bucket: String
}
