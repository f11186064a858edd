import JSON
import Mumble

/// A checked request for a transcript.
struct SpeechToTextRequest: Sendable, Equatable {
    var audioID: String
    /// nil: as the uploader said.
    var language: String?

    init(_ fields: Inputs) throws(HandlerError) {
        guard let id = try AudioReference.identifier(in: fields) else {
            throw .badRequest("MissingField", "field 'audioKey' or field 'audioId' is missing")
        }
        audioID = id
        language = try fields["language"].choice(AudioRecord.languages)
    }
}

enum SpeechToTextRules {
    static func document(_ record: AudioRecord, _ transcript: StoredTranscript) -> JSONObject {
        [
            "audioId": .string(record.id), "audioKey": .string(record.key),
            "transcript": .string(transcript.text),
            "language": transcript.language.map { .string($0) } ?? .null,
            "duration": transcript.durationSeconds.map { .number(JSONNumber($0)) } ?? .null,
            "cached": .bool(transcript.cached), "offline": .bool(transcript.offline),
        ]
    }
}
