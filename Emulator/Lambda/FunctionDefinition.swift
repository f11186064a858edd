import Signing

/// One function, as its manifest or its creator describes it.
public struct FunctionDefinition: Sendable {
    /// The name by which it is invoked, up to 64 letters, digits, `-` and `_`.
    public var name: String
    /// Path of the program that runs as `bootstrap`.
    public var executablePath: String
    /// Passed on as `_HANDLER`; custom runtimes may read it as they like.
    public var handler: String
    /// Mebibytes, 128 to 10,240. A function that takes more is ended.
    public var memoryMB: Int
    /// How long one invocation may take, 1 to 900,000 ms.
    public var timeoutMilliseconds: Int
    /// Invocations that may run at once; 0 refuses all.
    public var reservedConcurrency: Int
    /// The function's own variables. Names that Lambda reserves are overwritten with Lambda's values.
    public var environment: [String: String]
    public var description: String
    /// `$LATEST`, or the number of a published version.
    public var version = "$LATEST"
    /// Folder of the unzipped code, `/var/task` to the function; nil for a program that lies where it was built.
    public var taskFolder: String?
    /// Folder of the merged layers, `/opt` to the function; nil without layers.
    public var layerFolder: String?
    /// Mebibytes of `/tmp`, 512 to 10,240.
    public var ephemeralStorageMB = 512
    /// Invocations that one environment serves at once (`AWS_LAMBDA_MAX_CONCURRENCY` when more than 1).
    public var concurrencyPerEnvironment = 1
    /// Why it cannot run on this machine, when that is known beforehand: told to each invoker.
    var problem: PlatformError?
    /// Environments that are started ahead of any invocation and never expire.
    public var provisionedConcurrency = 0
    /// ARN of the queue that gets events which could not be processed; nil for none.
    public var deadLetterTarget: String?
    public var logging = FunctionLogging()
    /// Whether its processes are stopped between invocations.
    public var freezes = true
    /// Folders of the machine that it sees, read-only, such as those of its interpreter.
    public var sharedFolders: [String] = []

    public init(
        name: String, executablePath: String, handler: String = "bootstrap", memoryMB: Int = 128,
        timeoutMilliseconds: Int = 3000, reservedConcurrency: Int = 10,
        environment: [String: String] = [:], description: String = ""
    ) {
        self.name = name
        self.executablePath = executablePath
        self.handler = handler
        self.memoryMB = memoryMB
        self.timeoutMilliseconds = timeoutMilliseconds
        self.reservedConcurrency = reservedConcurrency
        self.environment = environment
        self.description = description
    }
}

/// What all functions of one emulator share.
public struct LambdaConfiguration: Sendable {
    public var region: String
    /// Twelve digits.
    public var accountID: String
    /// What functions find in `AWS_ACCESS_KEY_ID` and its siblings.
    public var credentials: Credentials
    /// Access keys of functions that have one of their own, by their names; the secret is the same.
    public var accessKeys: [String: String] = [:]
    /// Execution environments get a folder each below this one.
    public var temporaryDirectory: String
    /// One log file per function.
    public var logDirectory: String
    /// An environment without work for this long is ended.
    public var idleTimeoutMs: Int
    /// Environments of all functions together: the account's concurrency.
    public var maxEnvironments: Int
    /// How long an init may take before it is tried once more as a part of the invocation.
    public var initTimeoutMs: Int
    /// Waits before an asynchronous event whose function failed is tried again.
    public var asyncRetryDelaysMs: [Int]
    /// A log file that grows beyond this is set aside as `.1`, replacing the one before.
    public var maxLogBytes: Int
    /// The first wait before a batch of a stream whose function failed is tried again; each further one is twice as
    /// long, up to a minute.
    public var streamRetryDelayMs = 200
    /// What may wait at once.
    var asyncLimits = AsyncStorage.Limits()
    public var isolation = Isolation.Choice.full
    /// Folders of the machine that functions see, read-only, beside what they see anyway.
    public var sharedFolders: [String] = []
    /// Whether environments start as late as ``ColdStartModel`` says.
    public var delaysColdStarts = false
    /// Whether processes of functions are stopped between invocations.
    public var freezes = true
    /// How long a new function is `Pending`, and an update `InProgress`, after the answer that says so.
    public var activationMs = 0
    /// Whether functions get processor time by their memory.
    public var sharesCPU = false

    public init(
        region: String, accountID: String, credentials: Credentials, temporaryDirectory: String,
        logDirectory: String, idleTimeoutMs: Int = 600_000, maxEnvironments: Int = 1000,
        initTimeoutMs: Int = 10_000, asyncRetryDelaysMs: [Int] = [60_000, 120_000],
        maxLogBytes: Int = 16 * 1_048_576
    ) {
        self.region = region
        self.accountID = accountID
        self.credentials = credentials
        self.temporaryDirectory = temporaryDirectory
        self.logDirectory = logDirectory
        self.idleTimeoutMs = idleTimeoutMs
        self.maxEnvironments = maxEnvironments
        self.initTimeoutMs = initTimeoutMs
        self.asyncRetryDelaysMs = asyncRetryDelaysMs
        self.maxLogBytes = maxLogBytes
    }

    /// The unqualified ARN of a function.
    func functionARN(_ name: String) -> String {
        "arn:aws:lambda:\(region):\(accountID):function:\(name)"
    }
}
