import Clock
import JSON
import Store

/// How a function, or a version or an alias of it, is invoked asynchronously (AWS Lambda API Reference,
/// "FunctionEventInvokeConfig").
struct EventInvokeConfig: Sendable, Equatable {
    static let mostRetries = 2
    static let longestAgeSeconds = 21_600

    var function: String
    /// `$LATEST` when there was none.
    var qualifier: String
    /// 0 to 2; nil when it was not set.
    var maximumRetries: Int?
    /// 60 to 21,600; nil when it was not set.
    var maximumAgeSeconds: Int?
    /// ARNs.
    var onSuccess: String?
    var onFailure: String?
    var modified: Timestamp

    func destination(for condition: AsyncPolicy.Condition) -> String? {
        condition == .success ? onSuccess : onFailure
    }

    /// As the API shows it.
    func json(functionARN: String) -> JSONObject {
        var object: JSONObject = [
            "LastModified": .number(JSONNumber(Double(modified.milliseconds) / 1000)),
            "FunctionArn": .string("\(functionARN):\(qualifier)"),
        ]
        if let maximumRetries { object.append("MaximumRetryAttempts", .number(JSONNumber(maximumRetries))) }
        if let maximumAgeSeconds {
            object.append("MaximumEventAgeInSeconds", .number(JSONNumber(maximumAgeSeconds)))
        }
        object.append(
            "DestinationConfig",
            ["OnSuccess": Self.destination(onSuccess), "OnFailure": Self.destination(onFailure)])
        return object
    }

    private static func destination(_ arn: String?) -> JSONValue {
        arn.map { ["Destination": .string($0)] } ?? [:]
    }

    // MARK: - Stored form

    var key: [UInt8] { QueueKeys.invokeConfig(function, qualifier) }

    func write(in transaction: Transaction) {
        var object: JSONObject = [
            "function": .string(function), "qualifier": .string(qualifier),
            "modified": .number(JSONNumber(modified.milliseconds)),
        ]
        if let maximumRetries { object.append("retries", .number(JSONNumber(maximumRetries))) }
        if let maximumAgeSeconds { object.append("age", .number(JSONNumber(maximumAgeSeconds))) }
        if let onSuccess { object.append("onSuccess", .string(onSuccess)) }
        if let onFailure { object.append("onFailure", .string(onFailure)) }
        transaction.put(.functions, key, object.encoded())
    }

    /// - Throws: `StoreError` when the bytes are no configuration.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        guard let json = try? JSONValue.parse(bytes), let function = json["function"]?.string,
            let qualifier = json["qualifier"]?.string, let modified = json["modified"]?.int64
        else { throw .corrupt("a configuration of asynchronous invocation cannot be read") }
        self.init(
            function: function, qualifier: qualifier, maximumRetries: json["retries"]?.int,
            maximumAgeSeconds: json["age"]?.int, onSuccess: json["onSuccess"]?.string,
            onFailure: json["onFailure"]?.string, modified: Timestamp(milliseconds: modified))
    }

    init(
        function: String, qualifier: String, maximumRetries: Int? = nil, maximumAgeSeconds: Int? = nil,
        onSuccess: String? = nil, onFailure: String? = nil, modified: Timestamp
    ) {
        self.function = function
        self.qualifier = qualifier
        self.maximumRetries = maximumRetries
        self.maximumAgeSeconds = maximumAgeSeconds
        self.onSuccess = onSuccess
        self.onFailure = onFailure
        self.modified = modified
    }

    static func read(_ function: String, _ qualifier: String, _ source: some Reading) throws
        -> EventInvokeConfig?
    {
        try source.get(.functions, QueueKeys.invokeConfig(function, qualifier))
            .map { try EventInvokeConfig(decoding: $0) }
    }

    /// All of one function, in the order of their qualifiers.
    static func all(_ function: String, _ source: some Reading) throws -> [EventInvokeConfig] {
        var found: [EventInvokeConfig] = []
        let prefix = QueueKeys.invokeConfigs(function)
        try source.scan(.functions, from: prefix, to: QueueKeys.end(prefix)) {
            found.append(try EventInvokeConfig(decoding: $1))
            return true
        }
        return found
    }
}
