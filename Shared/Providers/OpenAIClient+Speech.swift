import Bytes
import HTTPTypes
import JSON

extension OpenAIClient: SpeechTranscribing {
    /// `POST /audio/transcriptions` with `response_format=verbose_json`, which alone tells language and duration.
    public func transcribe(
        audio: [UInt8], fileName: String, contentType: String, language: String?
    ) throws(ProviderError) -> Transcript {
        let transport = transport("speech", configuration.speechTimeoutMilliseconds)
        var form = MultipartForm()
        form.add("model", configuration.speechModel)
        form.add("response_format", "verbose_json")
        if let language { form.add("language", language) }
        form.add(file: audio, name: "file", fileName: fileName, contentType: contentType)
        let response = try post(
            transport, "/audio/transcriptions", contentType: form.contentType, body: form.finished())
        let document = try transport.json(response)
        guard let text = document["text"]?.string else {
            throw transport.bad("the answer has no text", response)
        }
        // The duration is a number in some versions of the service and a string in others.
        let duration = document["duration"].flatMap { $0.double ?? $0.string.flatMap { Double($0) } }
        return Transcript(
            text: text, language: document["language"]?.string, durationSeconds: duration,
            offline: ProviderTransport.isOffline(response))
    }
}

/// A `multipart/form-data` body (RFC 7578).
struct MultipartForm {
    private let boundary = "mumble-" + UUID4.make()
    private var body: [UInt8] = []

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    mutating func add(_ name: String, _ value: String) {
        body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
    }

    mutating func add(file: [UInt8], name: String, fileName: String, contentType: String) {
        // RFC 7578 leaves escaping to browsers' practice: quotes and line ends are percent-encoded.
        let safeName = fileName.map { character in
            switch character {
            case "\"": "%22"
            case "\r", "\n", "\r\n": "%0D%0A"
            default: String(character)
            }
        }.joined()
        body +=
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(safeName)\"\r\n"
            .utf8
        body += "Content-Type: \(contentType)\r\n\r\n".utf8
        body += file
        body += "\r\n".utf8
    }

    func finished() -> [UInt8] { body + "--\(boundary)--\r\n".utf8 }
}
