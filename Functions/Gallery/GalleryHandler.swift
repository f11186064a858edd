import AWSClients
import JSON
import LambdaEvents
import LambdaRuntime
import Mumble

enum GalleryEndpoint: String, Endpoint {
    case list = "GET /gallery"
    case show = "GET /gallery/{imageId}"
    case remove = "DELETE /gallery/{imageId}"
}

/// The pictures of a user: a page of them, one, or one less.
struct GalleryService: Sendable {
    let dependencies: Dependencies
    private let cursors: SignedCursor

    init(_ dependencies: Dependencies) throws(SettingsError) {
        self.dependencies = dependencies
        cursors = SignedCursor(secret: try dependencies.settings.requiredCursorSecret(), purpose: "gallery")
    }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            let (endpoint, parameters) = try GalleryEndpoint.match(event)
            switch endpoint {
            case .list: return try list(GalleryPageRequest(Inputs(queryOf: event), cursors: cursors))
            case .show: return .ok(shown(try image(parameters, event)))
            case .remove: return try remove(try image(parameters, event))
            }
        }
    }

    // MARK: - List

    private func list(_ request: GalleryPageRequest) throws(HandlerError) -> Answer {
        let (items, more) = try GalleryQuery(dependencies.table, request).page()
        var cursor = JSONValue.null
        if more, let last = items.last, let time = last["createdAt"]?.attributeS,
            let id = last["imageId"]?.attributeS
        {
            let position = GalleryPosition(userID: request.userID, createdAt: time, imageID: id)
            cursor = .string(cursors.seal(position.document))
        }
        return .ok([
            "userId": .string(request.userID), "images": .array(items.map { .object(shown($0)) }),
            "count": .number(JSONNumber(items.count)), "nextCursor": cursor,
        ])
    }

    // MARK: - One image

    /// The item. A `userId` in the query narrows the search to that user's pictures.
    private func image(
        _ parameters: [String: String], _ event: HTTPAPIEvent
    ) throws(HandlerError) -> JSONObject {
        let id = try Inputs(path: parameters)["imageId"].requiredText(.identifier)
        let userID = try Inputs(queryOf: event)["userId"].text(.userID)
        guard let item = try dependencies.table.item(.image(id)),
            userID == nil || userID == item["userId"]?.attributeS
        else {
            throw .notFound("ImageNotFound", "there is no image '\(id)'")
        }
        return item
    }

    private func shown(_ item: JSONObject) -> JSONObject {
        var document = GalleryRules.document(item)
        for (field, attribute) in [("imageUrl", "fileKey"), ("thumbnailUrl", "thumbnailKey")] {
            guard let key = item[attribute]?.attributeS else { continue }
            document[field] = .string(dependencies.bucket.downloadLink(key))
        }
        document["expiresIn"] = .number(JSONNumber(MediaBucket.linkSeconds))
        return document
    }

    /// Objects first, item last: if this stops half way, the item is still found and the call repeatable.
    private func remove(_ item: JSONObject) throws(HandlerError) -> Answer {
        let id = item["imageId"]?.attributeS ?? ""
        for attribute in ["fileKey", "thumbnailKey"] {
            guard let key = item[attribute]?.attributeS else { continue }
            try dependencies.bucket.delete(key)
        }
        try dependencies.table.delete(.image(id))
        return .ok(["deleted": true, "imageId": .string(id)])
    }
}
