import JSON
import LambdaEvents
import LambdaRuntime
import Mumble

enum AudioUploadEndpoint: String, Endpoint {
    case upload = "POST /audio/upload"
}

/// POST /audio/upload: hands out a presigned PUT, or stores a recording sent in the body.
struct AudioUploadService: Sendable {
    let dependencies: Dependencies

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            _ = try AudioUploadEndpoint.match(event)
            switch try AudioUploadRules.mode(contentType: event.headers["content-type"]) {
            case .link: return try link(Inputs(bodyOf: event))
            case .direct(let declared): return try store(event, declared)
            }
        }
    }

    private func link(_ fields: Inputs) throws(HandlerError) -> Answer {
        let format = try AudioUploadRules.format(named: fields["contentType"])
        let size = try fields["size"].requiredInteger(in: 1...AudioFormat.maximumBytes)
        let record = try newRecord(format, options: fields)
        let upload = dependencies.storage.presignPut(
            bucket: dependencies.settings.bucketName, key: record.key, contentType: format.contentType,
            contentLength: size, expiresIn: MediaBucket.linkSeconds)
        try dependencies.table.put(record.item(status: "pending"))
        var headers = JSONObject()
        for (name, value) in upload.headers where name.lowercased() != "host" {
            headers[name.lowercased()] = .string(value)
        }
        return .ok([
            "uploadUrl": .string(upload.url), "fileKey": .string(record.key), "audioId": .string(record.id),
            "expiresIn": .number(JSONNumber(MediaBucket.linkSeconds)), "headers": .object(headers),
        ])
    }

    private func store(_ event: HTTPAPIEvent, _ declared: AudioFormat?) throws(HandlerError) -> Answer {
        let recording = try JSONBody.bytes(of: event)
        let format = try AudioUploadRules.format(of: recording, declared: declared)
        var record = try newRecord(format, options: Inputs(queryOf: event))
        record.size = recording.count
        // Object first: an item must not name a recording that is not there.
        try dependencies.bucket.put(record.key, recording, contentType: format.contentType)
        try dependencies.table.put(record.item(status: "stored"))
        return .ok([
            "fileKey": .string(record.key), "audioId": .string(record.id),
            "contentType": .string(format.contentType), "size": .number(JSONNumber(recording.count)),
        ])
    }

    /// `userId` and `language` come from the body's fields or, for a recording in the body, from the query.
    private func newRecord(_ format: AudioFormat, options: Inputs) throws(HandlerError) -> AudioRecord {
        let userID = try options["userId"].text(.userID) ?? AudioRecord.anonymousUser
        let language = try options["language"].choice(AudioRecord.languages) ?? "auto"
        let id = dependencies.identifiers.makeID()
        return AudioRecord(
            id: id, key: AudioKey.make(id, format), contentType: format.contentType, userID: userID,
            language: language, createdAt: dependencies.clock.now.iso8601)
    }
}
