import Bytes
import HTTPTypes
import JSON
import Net

/// `POST /v1/audio/transcriptions`: ffmpeg decodes, PocketSphinx recognises, each as a child process, so that
/// their memory goes away afterwards and a crash stays theirs.
@EventLoop
final class SpeechService {
    private nonisolated static let largestAudio = 26 << 20
    private static let timeoutMilliseconds = 60_000
    /// Both programs use a whole core; more of them at once only make all slower.
    private static let mostAtOnce = 2

    /// Callers beyond these are refused rather than kept in memory.
    private static let mostWaiting = 16
    /// Seconds of audio that are decoded at most; silence packs well, so the file's size says little.
    private static let longestAudio = "3600"

    private let folder: String
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter folder: where recordings are kept while they are worked on.
    nonisolated init(folder: String) { self.folder = folder }

    struct Form {
        let audio: [UInt8]
        let format: String
    }

    func transcribe(_ request: HTTPRequest) async throws(OpenAIError) -> HTTPResponse {
        // The body stays where the server keeps it until there is a place: waiting costs no memory.
        try await enter()
        defer { leave() }
        let form = try Self.form(request)
        let own: String
        do {
            own = try Files.makeTemporaryDirectory(in: folder)
        } catch {
            throw Self.noRoom(error)
        }
        defer { Files.removeTree(own) }
        do {
            try Files.writeFile(own + "/input", form.audio)
        } catch {
            throw Self.noRoom(error)
        }
        return try await Self.recognise(form, in: own)
    }

    private static func noRoom(_ error: FileError) -> OpenAIError {
        OpenAIError(status: 507, message: "No room for the recording: \(error).", type: "server_error")
    }

    private static func recognise(_ form: Form, in folder: String) async throws(OpenAIError) -> HTTPResponse {
        let wave = folder + "/speech.wav"
        let decoded = try await run(
            "ffmpeg", package: "ffmpeg",
            [
                "-v", "error", "-i", folder + "/input", "-t", longestAudio, "-ar", "16000", "-ac", "1",
                "-c:a", "pcm_s16le", wave,
            ])
        guard decoded.code == 0, let size = Files.fileSize(wave), size > 44 else {
            throw OpenAIError.bad("file", "The file cannot be decoded as audio.")
        }
        let heard = try await run(
            "pocketsphinx_continuous", package: "pocketsphinx pocketsphinx-en-us",
            ["-infile", wave, "-logfn", "/dev/null"])
        guard heard.code == 0 else {
            throw OpenAIError(status: 500, message: "The offline recogniser failed.", type: "server_error")
        }
        let text = String(utf8: heard.output).split(separator: "\n").joined(separator: " ")
        return answer(text, seconds: Double(size - 44) / 32_000, format: form.format)
    }

    nonisolated static func form(_ request: HTTPRequest) throws(OpenAIError) -> Form {
        guard let boundary = MultipartParser.boundary(of: request.headers["content-type"]) else {
            throw OpenAIError(status: 400, message: "The body has to be multipart/form-data.")
        }
        guard request.body.length <= largestAudio, let body = try? request.body.readAll() else {
            throw OpenAIError(status: 413, message: "The file is larger than 25 MB.", parameter: "file")
        }
        guard let parts = MultipartParser.parse(body, boundary: boundary) else {
            throw OpenAIError(status: 400, message: "The form is not well-formed multipart/form-data.")
        }
        func field(_ name: String) -> String? {
            parts.first { $0.name == name }.map { String(decoding: $0.content, as: UTF8.self) }
        }
        guard let audio = parts.first(where: { $0.name == "file" })?.content, !audio.isEmpty else {
            throw OpenAIError.bad("file", "The form has no file.")
        }
        guard field("model") != nil else {
            throw OpenAIError.bad("model", "You must provide a model parameter.")
        }
        if let language = field("language"), !["en", "english"].contains(language.lowercased()) {
            throw OpenAIError.bad(
                "language",
                "The offline recogniser knows English only, not '\(language)'; set OPENAI_API_KEY to use the real service."
            )
        }
        let format = field("response_format") ?? "json"
        guard ["json", "text", "verbose_json"].contains(format) else {
            throw OpenAIError.bad(
                "response_format", "The offline recogniser answers json, text or verbose_json.")
        }
        return Form(audio: Array(audio), format: format)
    }

    nonisolated static func answer(_ text: String, seconds: Double, format: String) -> HTTPResponse {
        switch format {
        case "text":
            return HTTPResponse(
                status: 200, headers: ["content-type": "text/plain; charset=utf-8"],
                body: .bytes((text + "\n").bytes))
        case "verbose_json":
            let duration = (seconds * 100).rounded() / 100
            return .json(
                200,
                [
                    "task": "transcribe", "language": "english", "duration": .number(.init(duration)),
                    "text": .string(text),
                    "segments": [
                        [
                            "id": 0, "seek": 0, "start": 0, "end": .number(.init(duration)),
                            "text": .string(text),
                            "tokens": [], "temperature": 0, "avg_logprob": 0, "compression_ratio": 1,
                            "no_speech_prob": 0,
                        ]
                    ], "offline": true,
                ])
        default: return .json(200, ["text": .string(text), "offline": true])
        }
    }

    private static func run(
        _ program: String, package: String, _ arguments: [String]
    ) async throws(OpenAIError) -> (code: Int, output: [UInt8]) {
        let options = ChildProcess.Options(
            executable: program, arguments: arguments,
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C"])
        do {
            let result = try await ChildProcess.run(
                options, timeoutMilliseconds: timeoutMilliseconds, maxOutputBytes: 1 << 20)
            return (
                result.status.signal == 0 ? result.status.code : 128 + result.status.signal, result.output
            )
        } catch {
            throw OpenAIError(
                status: 503,
                message:
                    "The offline recogniser cannot run \(program) (\(error)); install it: apt-get install \(package).",
                type: "server_error")
        }
    }

    private func enter() async throws(OpenAIError) {
        if running < Self.mostAtOnce {
            running += 1
            return
        }
        guard waiting.count < Self.mostWaiting else {
            throw OpenAIError(
                status: 429, message: "The offline recogniser has enough to do; try again.", type: "requests",
                code: "rate_limit_exceeded")
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// The place goes straight to the next in line.
    private func leave() {
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }
}
