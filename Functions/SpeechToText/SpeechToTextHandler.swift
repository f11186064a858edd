import LambdaEvents
import LambdaRuntime
import Mumble

enum SpeechToTextEndpoint: String, Endpoint {
    case transcribe = "POST /speech-to-text"
}

/// POST /speech-to-text: the words of an uploaded recording.
struct SpeechToTextService: Sendable {
    let dependencies: Dependencies
    private let library: AudioLibrary

    init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        library = AudioLibrary(dependencies)
    }

    func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
        MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
            _ = try SpeechToTextEndpoint.match(event)
            let request = try SpeechToTextRequest(Inputs(bodyOf: event))
            let record = try library.record(request.audioID)
            let transcript = try library.transcribe(record, language: request.language ?? record.language)
            return .ok(SpeechToTextRules.document(record, transcript))
        }
    }
}
