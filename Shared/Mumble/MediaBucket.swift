import AWSClients
import HTTPTypes

/// The media bucket through `any S3Calling`, with failures already translated for the client.
public struct MediaBucket: Sendable {
    public let name: String
    public let storage: any S3Calling

    /// How long a presigned link works, in seconds.
    public static let linkSeconds = 900

    public init(name: String, storage: any S3Calling) {
        self.name = name
        self.storage = storage
    }

    public func put(_ key: String, _ body: [UInt8], contentType: String) throws(HandlerError) {
        do {
            _ = try storage.put(bucket: name, key: key, body: body, contentType: contentType, metadata: [:])
        } catch {
            throw HandlerError(storage: error, operation: "PutObject")
        }
    }

    /// The object, or nil when there is none. A presigned PUT binds the size, but other ways into the bucket
    /// do not.
    /// - Throws: 413 above `maxBytes`, without loading the rest.
    public func get(_ key: String, maxBytes: Int) throws(HandlerError) -> S3Object? {
        do {
            return try storage.get(bucket: name, key: key, maxBytes: maxBytes)
        } catch {
            if error.status == 404 && error.code != "NoSuchBucket" { return nil }
            if error.code == "ResponseTooLarge" {
                throw .tooLarge("object '\(key)' is larger than \(maxBytes) bytes")
            }
            throw HandlerError(storage: error, operation: "GetObject")
        }
    }

    /// Removes the object; removing an absent one succeeds, as in S3.
    public func delete(_ key: String) throws(HandlerError) {
        do {
            try storage.delete(bucket: name, key: key)
        } catch {
            if error.status == 404 && error.code != "NoSuchBucket" { return }
            throw HandlerError(storage: error, operation: "DeleteObject")
        }
    }

    public func downloadLink(_ key: String) -> String {
        storage.presignGet(bucket: name, key: key, expiresIn: Self.linkSeconds)
    }
}
