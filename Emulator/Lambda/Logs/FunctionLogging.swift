/// How a function's log is written (Lambda API, `LoggingConfig`).
public struct FunctionLogging: Sendable, Equatable {
    public enum Format: String, Sendable {
        case text = "Text"
        case json = "JSON"
    }

    /// How grave a line is. Raw values are Lambda's.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case trace = "TRACE"
        case debug = "DEBUG"
        case info = "INFO"
        case warn = "WARN"
        case error = "ERROR"
        case fatal = "FATAL"

        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public var format: Format
    /// Lines of the function below this are dropped; JSON format only.
    public var applicationLevel: Level
    /// Lines of the platform below this are dropped: DEBUG, INFO or WARN; JSON format only.
    public var systemLevel: Level
    /// nil is `/aws/lambda/NAME`.
    public var group: String?

    public init(
        format: Format = .text, applicationLevel: Level = .info, systemLevel: Level = .info,
        group: String? = nil
    ) {
        self.format = format
        self.applicationLevel = applicationLevel
        self.systemLevel = systemLevel
        self.group = group
    }
}
