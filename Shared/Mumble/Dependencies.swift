import AWSClients
import Bytes
import Clock
import Glibc
import HTTPClient
import ProviderClients

/// What the handlers read from their environment.
public struct Settings: Sendable {
    public var tableName: String
    public var bucketName: String
    /// Signs page cursors; only the gallery needs it.
    public var cursorSecret: String?
    public var allowOrigin: String

    public init(tableName: String, bucketName: String, cursorSecret: String?, allowOrigin: String = "*") {
        self.tableName = tableName
        self.bucketName = bucketName
        self.cursorSecret = cursorSecret
        self.allowOrigin = allowOrigin
    }

    public init(environment: [String: String]) throws(SettingsError) {
        func required(_ name: String) throws(SettingsError) -> String {
            guard let value = environment[name], !value.isEmpty else { throw SettingsError(missing: name) }
            return value
        }
        let origin = environment["CORS_ALLOW_ORIGIN"] ?? ""
        self.init(
            tableName: try required("TABLE_NAME"), bucketName: try required("BUCKET_NAME"),
            cursorSecret: environment["CURSOR_SECRET"], allowOrigin: origin.isEmpty ? "*" : origin)
    }

    /// - Throws: when `CURSOR_SECRET` is absent or shorter than 16 bytes.
    public func requiredCursorSecret() throws(SettingsError) -> String {
        guard let secret = cursorSecret, !secret.isEmpty else {
            throw SettingsError(missing: "CURSOR_SECRET")
        }
        guard secret.utf8.count >= 16 else {
            throw SettingsError(description: "environment variable CURSOR_SECRET is shorter than 16 bytes")
        }
        return secret
    }
}

/// A handler cannot start: the sentence names the variable. Reported through `/runtime/init/error`.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(description: String) { self.description = description }
    init(missing name: String) { self.init(description: "environment variable \(name) is not set") }
}

/// Makes ids for new items; a protocol so that tests can foresee them.
public protocol IdentifierMaking: Sendable {
    /// A lower-case UUID.
    func makeID() -> String
}

public struct RandomIdentifiers: IdentifierMaking {
    public init() {}
    public func makeID() -> String { UUID4.make() }
}

/// Everything a handler works with, as protocols.
public struct Dependencies: Sendable {
    public var settings: Settings
    public var database: any DynamoDBCalling
    public var storage: any S3Calling
    public var speech: any SpeechTranscribing
    public var images: any ImageGenerating
    public var chat: any PromptEnhancing
    public var weather: any WeatherFetching
    public var probes: [any ProviderProbing]
    public var clock: any WallClock
    public var identifiers: any IdentifierMaking
    /// Nanoseconds of a clock that never jumps, for latencies.
    public var stopwatch: @Sendable () -> UInt64
    /// Blocks for so many milliseconds, between attempts.
    public var pause: @Sendable (Int) -> Void
    public var log: @Sendable (String) -> Void

    public init(
        settings: Settings, database: any DynamoDBCalling, storage: any S3Calling,
        speech: any SpeechTranscribing, images: any ImageGenerating, chat: any PromptEnhancing,
        weather: any WeatherFetching, probes: [any ProviderProbing] = [],
        clock: any WallClock = SystemClock(),
        identifiers: any IdentifierMaking = RandomIdentifiers(),
        stopwatch: @escaping @Sendable () -> UInt64 = { MonotonicClock.nanoseconds },
        pause: @escaping @Sendable (Int) -> Void = Dependencies.sleep,
        log: @escaping @Sendable (String) -> Void = Dependencies.logToStandardError
    ) {
        self.settings = settings
        self.database = database
        self.storage = storage
        self.speech = speech
        self.images = images
        self.chat = chat
        self.weather = weather
        self.probes = probes
        self.clock = clock
        self.identifiers = identifiers
        self.stopwatch = stopwatch
        self.pause = pause
        self.log = log
    }

    public var table: MumbleTable { MumbleTable(name: settings.tableName, database: database) }
    public var bucket: MediaBucket { MediaBucket(name: settings.bucketName, storage: storage) }

    public static let sleep: @Sendable (Int) -> Void = { milliseconds in
        usleep(UInt32(max(0, min(milliseconds, 10_000))) * 1000)
    }

    /// Standard error is the function's log. One write a line, so that lines of two threads never mix.
    public static let logToStandardError: @Sendable (String) -> Void = { line in
        let bytes = Array((line.replacingNewlines() + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}

extension String {
    /// Log lines are records: text from outside must not start a new one.
    func replacingNewlines() -> String {
        String(map { $0.isNewline ? " " : $0 })
    }
}
