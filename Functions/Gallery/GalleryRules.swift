import AWSClients
import JSON
import Mumble

/// A checked request for one page.
struct GalleryPageRequest: Sendable, Equatable {
    static let defaultLimit = 20
    static let maximumLimit = 50

    var userID: String
    var limit: Int
    /// After which item the page starts; nil for the first page.
    var start: GalleryPosition?

    init(_ query: Inputs, cursors: SignedCursor) throws(HandlerError) {
        userID = try query["userId"].text(.userID) ?? AudioRecord.anonymousUser
        limit = try query["limit"].integer(in: 1...Self.maximumLimit) ?? Self.defaultLimit
        let cursor = query["cursor"]
        guard let text = cursor.value?.string else { return }
        guard let document = cursors.open(text), let position = GalleryPosition(document, of: userID) else {
            throw .badRequest("InvalidCursor", "\(cursor.label) was not issued for this list")
        }
        start = position
    }
}

/// The place of an image in a user's list.
struct GalleryPosition: Sendable, Equatable {
    var userID: String
    var createdAt: String
    var imageID: String

    init(userID: String, createdAt: String, imageID: String) {
        self.userID = userID
        self.createdAt = createdAt
        self.imageID = imageID
    }

    /// Reads a cursor's document; nil when it belongs to another user's list.
    init?(_ document: JSONObject, of userID: String) {
        guard document["u"]?.string == userID, let time = document["t"]?.string,
            let id = document["i"]?.string
        else { return nil }
        self.init(userID: userID, createdAt: time, imageID: id)
    }

    var document: JSONObject {
        ["u": .string(userID), "t": .string(createdAt), "i": .string(imageID)]
    }

    /// As DynamoDB's `ExclusiveStartKey` on GSI1.
    var startKey: JSONObject {
        var key = TableKey.image(imageID).attributes
        key["GSI1PK"] = Attribute.s(TableKey.userIndex(userID))
        key["GSI1SK"] = Attribute.s(createdAt)
        return key
    }
}

enum GalleryRules {
    /// The fields of an image item that are shown, in this order; links are added by the handler.
    static func document(_ item: JSONObject) -> JSONObject {
        var document = JSONObject()
        for name in [
            "imageId", "userId", "prompt", "enhancedPrompt", "style", "mood", "size", "model", "createdAt",
        ] {
            if let text = item[name]?.attributeS { document[name] = .string(text) }
        }
        document["offline"] = .bool(item["offline"]?.attributeBool ?? false)
        return document
    }
}
