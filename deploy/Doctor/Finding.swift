/// Something that keeps a function from working on AWS, or may do so, and what mends it.
public struct Finding: Sendable, Equatable {
    public enum Severity: String, Sendable, CaseIterable {
        /// It will not work.
        case error
        /// It works, but costs something or will surprise.
        case warning
    }

    public let severity: Severity
    /// What it is about: a zip's path, `function health`, or a file with its line.
    public let subject: String
    /// One sentence.
    public let problem: String
    /// What to do.
    public let remedy: String

    public init(_ severity: Severity, _ subject: String, _ problem: String, remedy: String) {
        self.severity = severity
        self.subject = subject
        self.problem = problem
        self.remedy = remedy
    }
}
