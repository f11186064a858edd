/// What Lambda is given by those who assemble it.
public struct LambdaNeighbours: Sendable {
    /// Where code in an object store comes from.
    public var code: CodeSource
    /// The port at which function URLs are served, for the addresses in answers; 0 leaves it out.
    public var port: Int
    /// From 0 up to but not including 1: which version an alias with weights takes.
    public var random: @Sendable () -> Double
    /// The emulator's own environment: where to look for interpreters.
    public var hostEnvironment: [String: String]

    public init(
        code: CodeSource = .none, port: Int = 0,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        hostEnvironment: [String: String] = [:]
    ) {
        self.code = code
        self.port = port
        self.random = random
        self.hostEnvironment = hostEnvironment
    }
}
