import AWSClients
import Clock
import JSON
import Mumble

/// A finished picture as the table knows it, `IMAGE#{id}` / `METADATA`.
struct StoredImage: Sendable, Equatable {
    var id: String
    var userID: String
    var prompt: String
    var enhancedPrompt: String
    var style: String
    var mood: String?
    var size: String
    var model: String
    var offline: Bool
    var createdAt: String
    var audioID: String?

    var key: String { "images/\(id).png" }
    var thumbnailKey: String { "thumbnails/\(id).png" }

    var item: JSONObject {
        var item = TableKey.image(id).attributes
        item["GSI1PK"] = Attribute.s(TableKey.userIndex(userID))
        item["GSI1SK"] = Attribute.s(createdAt)
        item["entity"] = Attribute.s("IMAGE")
        item["imageId"] = Attribute.s(id)
        item["userId"] = Attribute.s(userID)
        item["fileKey"] = Attribute.s(key)
        item["thumbnailKey"] = Attribute.s(thumbnailKey)
        item["prompt"] = Attribute.s(prompt)
        item["enhancedPrompt"] = Attribute.s(enhancedPrompt)
        item["style"] = Attribute.s(style)
        item["mood"] = mood.map { Attribute.s($0) }
        item["size"] = Attribute.s(size)
        item["model"] = Attribute.s(model)
        item["offline"] = Attribute.bool(offline)
        item["createdAt"] = Attribute.s(createdAt)
        item["audioId"] = audioID.map { Attribute.s($0) }
        return item
    }

    /// Points from a prompt's digest to this picture.
    func promptItem(digest: String, expires: Int64) -> JSONObject {
        var item = TableKey.prompt(digest: digest).attributes
        item["imageId"] = Attribute.s(id)
        item[AttributeName.timeToLive] = Attribute.n(Int(expires))
        return item
    }

    func document(
        _ bucket: MediaBucket, cached: Bool, degraded: [Degradation], weather: CachedWeather?
    ) -> JSONObject {
        [
            "imageId": .string(id), "imageUrl": .string(bucket.downloadLink(key)),
            "thumbnailUrl": .string(bucket.downloadLink(thumbnailKey)), "fileKey": .string(key),
            "expiresIn": .number(JSONNumber(MediaBucket.linkSeconds)), "userId": .string(userID),
            "prompt": .string(prompt), "enhancedPrompt": .string(enhancedPrompt), "style": .string(style),
            "mood": mood.map { .string($0) } ?? .null, "size": .string(size), "model": .string(model),
            "weather": weather.map { .string($0.report.description) } ?? .null,
            "audioId": audioID.map { .string($0) } ?? .null, "createdAt": .string(createdAt),
            "cached": .bool(cached), "offline": .bool(offline),
            "degraded": .array(degraded.map(\.document)),
        ]
    }
}

extension StoredImage {
    /// nil when an attribute that every image item has is absent.
    init?(item: JSONObject) {
        guard let id = item["imageId"]?.attributeS, let userID = item["userId"]?.attributeS,
            let prompt = item["prompt"]?.attributeS, let enhanced = item["enhancedPrompt"]?.attributeS,
            let style = item["style"]?.attributeS, let size = item["size"]?.attributeS,
            let model = item["model"]?.attributeS, let createdAt = item["createdAt"]?.attributeS
        else { return nil }
        self.init(
            id: id, userID: userID, prompt: prompt, enhancedPrompt: enhanced, style: style,
            mood: item["mood"]?.attributeS, size: size, model: model,
            offline: item["offline"]?.attributeBool ?? false, createdAt: createdAt,
            audioID: item["audioId"]?.attributeS)
    }
}
