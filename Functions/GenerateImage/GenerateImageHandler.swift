import LambdaEvents
import LambdaRuntime
import Mumble

enum GenerateImageEndpoint: String, Endpoint {
    case generate = "POST /generate"
}

/// POST /generate: a picture of words or of a recording's words.
struct GenerateImageService: Sendable {
    let dependencies: Dependencies

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            _ = try GenerateImageEndpoint.match(event)
            let request = try GenerateImageRequest(Inputs(bodyOf: event))
            let prompt = try words(of: request.source)
            let digest = request.digest(prompt: prompt)
            if let image = try cachedImage(digest) {
                return .ok(image.document(dependencies.bucket, cached: true, degraded: [], weather: nil))
            }
            return try PictureMaker(dependencies).make(request, prompt: prompt, digest: digest)
        }
    }

    /// A recording without a transcript is transcribed now.
    private func words(of source: GenerateImageRequest.Source) throws(HandlerError) -> String {
        switch source {
        case .prompt(let prompt): return prompt
        case .audio(let id):
            let text = try transcript(of: id)
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw HandlerError(
                    status: 422, code: "EmptyTranscript",
                    message: "no words were heard in audio '\(id)'; there is nothing to draw")
            }
            return String(text.unicodeScalars.prefix(GenerateImageRequest.maximumPromptCharacters))
        }
    }

    private func transcript(of audioID: String) throws(HandlerError) -> String {
        let library = AudioLibrary(dependencies)
        let record = try library.record(audioID)
        if let text = record.transcript { return text }
        return try library.transcribe(record, language: record.language).text
    }

    /// The picture of an equal request in the last 7 days, unless it was deleted meanwhile.
    private func cachedImage(_ digest: String) throws(HandlerError) -> StoredImage? {
        let table = dependencies.table
        guard let entry = try table.freshItem(.prompt(digest: digest), at: dependencies.clock.now),
            let id = entry["imageId"]?.attributeS, let item = try table.item(.image(id))
        else { return nil }
        return StoredImage(item: item)
    }
}
