import Lambda

/// The fields of a function in the manifest that few functions need.
struct FunctionSettings: Sendable {
    static let fields = [
        "ephemeralStorage", "concurrencyPerEnvironment", "provisionedConcurrency", "logFormat",
        "applicationLogLevel", "systemLogLevel", "freeze",
    ]

    /// MB of `/tmp`, 512 to 10,240.
    var ephemeralStorage = 512
    /// Invocations that one environment serves at once.
    var concurrencyPerEnvironment = 1
    /// Environments that are started ahead.
    var provisionedConcurrency = 0
    var logging = FunctionLogging()
    /// Whether its processes are stopped between invocations.
    var freezes = true

    init(_ node: ManifestNode) throws(ManifestError) {
        ephemeralStorage =
            try node["ephemeralStorage"]?.integer(512...10_240, unit: "MB") ?? ephemeralStorage
        concurrencyPerEnvironment =
            try node["concurrencyPerEnvironment"]?
            .integer(1...64, unit: "invocations") ?? concurrencyPerEnvironment
        provisionedConcurrency =
            try node["provisionedConcurrency"]?
            .integer(0...1_000, unit: "execution environments") ?? provisionedConcurrency
        freezes = try node["freeze"]?.bool() ?? freezes
        if let field = node["logFormat"] {
            logging.format = try Self.choice(field, [.text, .json])
        }
        if let field = node["applicationLogLevel"] {
            logging.applicationLevel = try Self.choice(field, FunctionLogging.Level.allCases)
        }
        if let field = node["systemLogLevel"] {
            logging.systemLevel = try Self.choice(field, [.debug, .info, .warn])
        }
    }

    private static func choice<Value: RawRepresentable<String>>(
        _ node: ManifestNode, _ values: [Value]
    ) throws(ManifestError) -> Value {
        let text = try node.string()
        guard let value = values.first(where: { $0.rawValue == text }) else {
            let known = values.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw node.failure("has to be one of \(known).")
        }
        return value
    }

    func apply(to definition: inout FunctionDefinition) {
        definition.ephemeralStorageMB = ephemeralStorage
        definition.concurrencyPerEnvironment = concurrencyPerEnvironment
        definition.provisionedConcurrency = provisionedConcurrency
        definition.logging = logging
        definition.freezes = freezes
    }
}
