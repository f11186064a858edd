import Clock
import Digests
import JSON

/// An invocation as it is kept on disk.
struct Recording: Sendable {
    var requestID: String
    var function: String
    var version: String
    /// ISO 8601 with milliseconds.
    var time: String
    /// The event; nil when it was too large to be kept.
    var event: JSONValue?
    /// Bytes of the event as it was.
    var eventBytes: Int
    /// The answer; nil when it was too large to be kept, or is no JSON.
    var answer: JSONValue?
    var answerBytes: Int
    /// Of the answer as it was, in hexadecimal.
    var answerSHA256: String
    /// `Unhandled` when the function failed.
    var functionError: String?
    var durationMs: Double
    /// Where secrets were.
    var masked: [String]
    /// Whether `emulator replay` has made the call.
    var isReplay = false

    /// An event or an answer that is kept has at most so many bytes.
    static let largestPayload = 256 * 1_024

    init(
        requestID: String, function: String, version: String, time: Timestamp, event: [UInt8],
        answer: [UInt8],
        functionError: String?, durationMs: Double
    ) {
        self.requestID = requestID
        self.function = function
        self.version = version
        self.time = time.iso8601
        self.functionError = functionError
        self.durationMs = durationMs
        eventBytes = event.count
        answerBytes = answer.count
        answerSHA256 = Self.digest(answer)
        let kept = Self.kept(event)
        self.event = kept.document
        let keptAnswer = Self.kept(answer)
        self.answer = keptAnswer.document
        masked = kept.paths.map { "\($0)" }
    }

    static func digest(_ bytes: [UInt8]) -> String { SHA256.hex(bytes) }

    /// Without secrets; nil when it is too large or no JSON.
    static func kept(_ bytes: [UInt8]) -> (document: JSONValue?, paths: [JSONPath]) {
        guard bytes.count <= largestPayload, let document = try? JSONValue.parse(bytes) else {
            return (nil, [])
        }
        return Masking.mask(document)
    }

    var json: JSONValue {
        [
            "requestId": .string(requestID), "function": .string(function), "version": .string(version),
            "time": .string(time), "event": event ?? .null, "hasEvent": .bool(event != nil),
            "eventBytes": .number(.init(eventBytes)), "answer": answer ?? .null,
            "hasAnswer": .bool(answer != nil), "answerBytes": .number(.init(answerBytes)),
            "answerSHA256": .string(answerSHA256),
            "functionError": functionError.map { .string($0) } ?? .null,
            "durationMs": .number(.init(durationMs)), "masked": .array(masked.map { .string($0) }),
            "isReplay": .bool(isReplay),
        ]
    }

    init?(_ json: JSONValue) {
        guard let requestID = json["requestId"]?.string, let function = json["function"]?.string,
            let version = json["version"]?.string, let time = json["time"]?.string,
            let eventBytes = json["eventBytes"]?.int, let answerBytes = json["answerBytes"]?.int,
            let digest = json["answerSHA256"]?.string, let durationMs = json["durationMs"]?.double
        else { return nil }
        self.requestID = requestID
        self.function = function
        self.version = version
        self.time = time
        self.eventBytes = eventBytes
        self.answerBytes = answerBytes
        self.durationMs = durationMs
        answerSHA256 = digest
        event = json["hasEvent"]?.bool == true ? json["event"] : nil
        answer = json["hasAnswer"]?.bool == true ? json["answer"] : nil
        functionError = json["functionError"]?.string
        masked = json["masked"]?.array?.compactMap(\.string) ?? []
        isReplay = json["isReplay"]?.bool ?? false
    }
}
