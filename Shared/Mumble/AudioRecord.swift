import AWSClients
import Clock
import JSON

/// The item of one recording, `AUDIO#{id}` / `METADATA`.
public struct AudioRecord: Sendable, Equatable {
    public var id: String
    public var key: String
    public var contentType: String
    public var userID: String
    /// What the uploader asked for: `zh`, `en` or `auto`.
    public var language: String
    public var createdAt: String
    /// nil while only an upload link was handed out.
    public var size: Int?
    /// nil until transcribed.
    public var transcript: String?

    public static let anonymousUser = "anonymous"
    public static let languages = ["zh", "en", "auto"]

    public init(
        id: String, key: String, contentType: String, userID: String, language: String, createdAt: String,
        size: Int? = nil, transcript: String? = nil
    ) {
        self.id = id
        self.key = key
        self.contentType = contentType
        self.userID = userID
        self.language = language
        self.createdAt = createdAt
        self.size = size
        self.transcript = transcript
    }

    /// Reads the item; nil when an attribute that every audio item has is absent.
    public init?(item: JSONObject) {
        guard let id = item["audioId"]?.attributeS, let key = item["fileKey"]?.attributeS,
            let contentType = item["contentType"]?.attributeS
        else { return nil }
        self.init(
            id: id, key: key, contentType: contentType,
            userID: item["userId"]?.attributeS ?? Self.anonymousUser,
            language: item["language"]?.attributeS ?? "auto", createdAt: item["createdAt"]?.attributeS ?? "",
            size: item["size"]?.attributeN, transcript: item["transcript"]?.attributeS)
    }

    /// The item of a recording that was not transcribed yet.
    public func item(status: String) -> JSONObject {
        var item = TableKey.audio(id).attributes
        item["GSI1PK"] = Attribute.s(TableKey.userIndex(userID))
        item["GSI1SK"] = Attribute.s(createdAt)
        item["entity"] = Attribute.s("AUDIO")
        item["audioId"] = Attribute.s(id)
        item["fileKey"] = Attribute.s(key)
        item["contentType"] = Attribute.s(contentType)
        item["userId"] = Attribute.s(userID)
        item["language"] = Attribute.s(language)
        item["createdAt"] = Attribute.s(createdAt)
        item["status"] = Attribute.s(status)
        if let size { item["size"] = Attribute.n(size) }
        return item
    }
}

/// A request's reference to a recording: `audioId` or `audioKey`, exactly one of them.
public enum AudioReference {
    /// The audio id; nil when neither field is there.
    public static func identifier(in fields: Inputs) throws(HandlerError) -> String? {
        let id = try fields["audioId"].text(.identifier)
        let key = try fields["audioKey"].text(.audioKey)
        if id != nil && key != nil {
            throw .invalid("field 'audioKey'", "must be absent when 'audioId' is given")
        }
        return id ?? key.flatMap { AudioKey.identifier(in: $0) }
    }
}
