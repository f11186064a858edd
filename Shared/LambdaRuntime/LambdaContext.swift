import Clock
import HTTPClient

/// What Lambda says about one invocation.
public struct LambdaContext: Sendable {
    /// Also in the function's START, END and REPORT log lines.
    public let requestID: String
    /// As invoked: with a version or alias only if the caller named one.
    public let invokedFunctionARN: String
    public let traceID: String?
    /// When Lambda ends the invocation.
    public let deadline: Timestamp
    /// JSON text that a mobile SDK sent along.
    public let clientContext: String?
    public let functionName: String
    public let functionVersion: String
    /// In MiB.
    public let memoryLimitMB: Int
    private let clock: any WallClock

    public init(
        requestID: String, invokedFunctionARN: String, traceID: String? = nil, deadline: Timestamp,
        clientContext: String? = nil, functionName: String = "", functionVersion: String = "$LATEST",
        memoryLimitMB: Int = 128, clock: any WallClock = SystemClock()
    ) {
        self.requestID = requestID
        self.invokedFunctionARN = invokedFunctionARN
        self.traceID = traceID
        self.deadline = deadline
        self.clientContext = clientContext
        self.functionName = functionName
        self.functionVersion = functionVersion
        self.memoryLimitMB = memoryLimitMB
        self.clock = clock
    }

    /// Time left until the deadline, 0 once it has passed.
    public var remainingMilliseconds: Int {
        max(0, Int(deadline.milliseconds - clock.now.milliseconds))
    }
}

/// What is the same for every invocation of one process.
struct FunctionIdentity: Sendable {
    var name = ProcessEnvironment.value("AWS_LAMBDA_FUNCTION_NAME") ?? ""
    var version = ProcessEnvironment.value("AWS_LAMBDA_FUNCTION_VERSION") ?? "$LATEST"
    var memoryMB = ProcessEnvironment.value("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").flatMap { Int($0) } ?? 128
}
