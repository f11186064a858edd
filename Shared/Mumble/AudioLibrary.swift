import AWSClients
import Bytes
import Clock
import Digests
import JSON
import ProviderClients

/// What is known about the words of a recording.
public struct StoredTranscript: Sendable, Equatable {
    public var text: String
    /// As the provider heard it or as it was asked for; nil when neither is known.
    public var language: String?
    public var durationSeconds: Double?
    /// Made by an offline stand-in.
    public var offline: Bool
    /// Taken from the cache of the last 24 hours.
    public var cached: Bool
}

/// Recordings and their words: finds the item, fetches the object, asks the cache, then the provider.
public struct AudioLibrary: Sendable {
    /// A transcript is kept for 24 hours.
    public static let cacheSeconds: Int64 = 24 * 3600

    let dependencies: Dependencies
    private var table: MumbleTable { dependencies.table }

    public init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    /// - Throws: 404 `AudioNotFound`.
    public func record(_ id: String) throws(HandlerError) -> AudioRecord {
        guard let item = try table.item(.audio(id)), let record = AudioRecord(item: item) else {
            throw .notFound("AudioNotFound", "there is no audio '\(id)'")
        }
        return record
    }

    /// Transcribes `record` and stores the words in its item.
    /// - Parameter language: `zh`, `en` or `auto`.
    /// - Throws: 404 `AudioNotUploaded`, 413, 415, or the speech provider's failure as 502 to 504.
    public func transcribe(_ record: AudioRecord, language: String) throws(HandlerError) -> StoredTranscript {
        let audio = try bytes(of: record)
        guard let format = AudioFormat(magic: audio) else {
            throw .unsupportedMediaType(
                "the content of '\(record.key)' is not \(AudioFormat.names), whatever its type says")
        }
        let digest = SHA256.hex(audio)
        let key = TableKey.transcript(digest: digest, language: language)
        if let cached = try cachedTranscript(key) {
            try store(cached, digest: digest, size: audio.count, in: record)
            return cached
        }
        let fresh = try ask(audio, format, language)
        try table.put(cacheItem(fresh, key))
        try store(fresh, digest: digest, size: audio.count, in: record)
        return fresh
    }

    private func bytes(of record: AudioRecord) throws(HandlerError) -> [UInt8] {
        guard let object = try dependencies.bucket.get(record.key, maxBytes: AudioFormat.maximumBytes) else {
            throw .notFound("AudioNotUploaded", "audio '\(record.id)' has not been uploaded yet")
        }
        return object.body
    }

    private func ask(
        _ audio: [UInt8], _ format: AudioFormat, _ language: String
    ) throws(HandlerError) -> StoredTranscript {
        do {
            let heard = try dependencies.speech.transcribe(
                audio: audio, fileName: "audio.\(format.fileExtension)", contentType: format.contentType,
                language: language == "auto" ? nil : language)
            return StoredTranscript(
                text: heard.text,
                language: heard.language.map(Self.languageCode) ?? (language == "auto" ? nil : language),
                durationSeconds: heard.durationSeconds, offline: heard.offline, cached: false)
        } catch {
            throw HandlerError(provider: error)
        }
    }

    /// Whisper names languages in English, other services by code; clients get the code of ours.
    static func languageCode(_ name: String) -> String {
        switch name.lowercased() {
        case "english": "en"
        case "chinese", "mandarin": "zh"
        default: name
        }
    }

    // MARK: - Cache

    private func cachedTranscript(_ key: TableKey) throws(HandlerError) -> StoredTranscript? {
        guard let item = try table.freshItem(key, at: dependencies.clock.now),
            let text = item["transcript"]?.attributeS
        else { return nil }
        return StoredTranscript(
            text: text, language: item["detectedLanguage"]?.attributeS,
            durationSeconds: item["duration"]?.storedDouble, offline: item["offline"]?.attributeBool ?? false,
            cached: true)
    }

    private func cacheItem(_ transcript: StoredTranscript, _ key: TableKey) -> JSONObject {
        var item = key.attributes
        item["transcript"] = Attribute.s(transcript.text)
        item["detectedLanguage"] = transcript.language.map { Attribute.s($0) }
        item["duration"] = transcript.durationSeconds.map { .storedNumber($0) }
        item["offline"] = Attribute.bool(transcript.offline)
        item[AttributeName.timeToLive] = Attribute.n(
            Int(dependencies.clock.now.seconds + Self.cacheSeconds))
        return item
    }

    // MARK: - The recording's own item

    private func store(
        _ transcript: StoredTranscript, digest: String, size: Int, in record: AudioRecord
    ) throws(HandlerError) {
        var values: JSONObject = [
            ":status": Attribute.s("transcribed"), ":transcript": Attribute.s(transcript.text),
            ":digest": Attribute.s(digest), ":size": Attribute.n(size),
            ":time": Attribute.s(dependencies.clock.now.iso8601),
            ":offline": Attribute.bool(transcript.offline),
        ]
        var assignments = [
            "#status = :status", "transcript = :transcript", "audioDigest = :digest", "#size = :size",
            "transcribedAt = :time", "#offline = :offline",
        ]
        if let language = transcript.language {
            values[":language"] = Attribute.s(language)
            assignments.append("detectedLanguage = :language")
        }
        if let duration = transcript.durationSeconds {
            values[":duration"] = .storedNumber(duration)
            assignments.append("#duration = :duration")
        }
        // Reserved words of DynamoDB's expressions.
        var names: JSONObject = ["#status": "status", "#size": "size", "#offline": "offline"]
        if transcript.durationSeconds != nil { names["#duration"] = "duration" }
        do {
            _ = try table.rawCall(
                "UpdateItem",
                [
                    "Key": .object(TableKey.audio(record.id).attributes),
                    "UpdateExpression": .string("SET " + assignments.joined(separator: ", ")),
                    // An item deleted meanwhile must not come back as a fragment.
                    "ConditionExpression": "attribute_exists(PK)",
                    "ExpressionAttributeNames": .object(names),
                    "ExpressionAttributeValues": .object(values),
                ])
        } catch {
            if error.code == "ConditionalCheckFailedException" { return }
            throw HandlerError(table: error, operation: "UpdateItem")
        }
    }
}
