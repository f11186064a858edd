import Clock
import JSON
import Store

/// What connects a stream or a queue with a function (AWS Lambda API Reference, "EventSourceMappingConfiguration").
struct EventSourceMapping: Sendable, Equatable {
    enum Kind: String, Sendable {
        case stream
        case queue
    }

    /// What CreateEventSourceMapping and UpdateEventSourceMapping may set.
    struct Settings: Sendable, Equatable {
        var batchSize = 100
        /// 0 to 300.
        var windowSeconds = 0
        /// 1 to 10: calls at once for one shard.
        var parallelization = 1
        /// -1 means for ever.
        var maximumRetries = -1
        /// -1, or 60 to 604,800.
        var maximumAgeSeconds = -1
        var bisects = false
        /// 0 to 900; 0 means none.
        var tumblingSeconds = 0
        /// `ReportBatchItemFailures` or nothing.
        var reportsFailures = false
        /// JSON texts of event patterns.
        var filters: [String] = []
        /// ARN of the destination of what cannot be processed.
        var onFailure: String?
        var isEnabled = true

        /// What holds for a new mapping whose request says nothing.
        static func defaults(for kind: Kind) -> Settings {
            var settings = Settings()
            if kind == .queue { settings.batchSize = 10 }
            return settings
        }
    }

    let uuid: String
    let source: String
    let kind: Kind
    var function: String
    var qualifier: String?
    /// `LATEST` or `TRIM_HORIZON`; nil for a queue.
    let startingPosition: String?
    var settings: Settings
    var modified: Timestamp
    /// Whether the manifest has made it.
    var isDeclared = false
    /// Texts by their names.
    var tags: JSONObject = [:]

    // MARK: - As the API shows it

    /// - Parameters:
    ///   - functionARN: of the function without a qualifier.
    ///   - result: `LastProcessingResult`.
    func json(arn: String, functionARN: String, state: String, result: String) -> JSONObject {
        var object: JSONObject = ["UUID": .string(uuid)]
        if let startingPosition { object.append("StartingPosition", .string(startingPosition)) }
        object.append("BatchSize", .number(JSONNumber(settings.batchSize)))
        object.append("MaximumBatchingWindowInSeconds", .number(JSONNumber(settings.windowSeconds)))
        if kind == .stream {
            object.append("ParallelizationFactor", .number(JSONNumber(settings.parallelization)))
        }
        object.append("EventSourceArn", .string(source))
        if !settings.filters.isEmpty {
            object.append(
                "FilterCriteria",
                ["Filters": .array(settings.filters.map { ["Pattern": .string($0)] })])
        }
        object.append("FunctionArn", .string(functionARN + (qualifier.map { ":\($0)" } ?? "")))
        object.append("LastModified", .number(JSONNumber(Double(modified.milliseconds) / 1000)))
        if kind == .stream { object.append("LastProcessingResult", .string(result)) }
        object.append("State", .string(state))
        object.append("StateTransitionReason", kind == .stream ? "User action" : "USER_INITIATED")
        if kind == .stream {
            object.append(
                "DestinationConfig",
                ["OnFailure": settings.onFailure.map { ["Destination": .string($0)] } ?? [:]])
            object.append("MaximumRecordAgeInSeconds", .number(JSONNumber(settings.maximumAgeSeconds)))
            object.append("BisectBatchOnFunctionError", .bool(settings.bisects))
            object.append("MaximumRetryAttempts", .number(JSONNumber(settings.maximumRetries)))
            object.append("TumblingWindowInSeconds", .number(JSONNumber(settings.tumblingSeconds)))
        }
        object.append(
            "FunctionResponseTypes", settings.reportsFailures ? ["ReportBatchItemFailures"] : [])
        object.append("EventSourceMappingArn", .string(arn))
        return object
    }

    // MARK: - Stored form

    var key: [UInt8] { QueueKeys.mapping(uuid) }

    func write(in transaction: Transaction) {
        var object: JSONObject = [
            "uuid": .string(uuid), "source": .string(source), "kind": .string(kind.rawValue),
            "function": .string(function), "modified": .number(JSONNumber(modified.milliseconds)),
            "declared": .bool(isDeclared),
            "batch": .number(JSONNumber(settings.batchSize)),
            "window": .number(JSONNumber(settings.windowSeconds)),
            "parallel": .number(JSONNumber(settings.parallelization)),
            "retries": .number(JSONNumber(settings.maximumRetries)),
            "age": .number(JSONNumber(settings.maximumAgeSeconds)),
            "bisect": .bool(settings.bisects),
            "tumbling": .number(JSONNumber(settings.tumblingSeconds)),
            "report": .bool(settings.reportsFailures),
            "filters": .array(settings.filters.map { .string($0) }),
            "enabled": .bool(settings.isEnabled),
        ]
        if let qualifier { object.append("qualifier", .string(qualifier)) }
        if let startingPosition { object.append("start", .string(startingPosition)) }
        if let onFailure = settings.onFailure { object.append("onFailure", .string(onFailure)) }
        if !tags.isEmpty { object.append("tags", .object(tags)) }
        transaction.put(.functions, key, object.encoded())
    }

    /// - Throws: `StoreError` when the bytes are no mapping.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        guard let json = try? JSONValue.parse(bytes), let uuid = json["uuid"]?.string,
            let source = json["source"]?.string,
            let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let function = json["function"]?.string, let modified = json["modified"]?.int64
        else { throw .corrupt("an event source mapping cannot be read") }
        var settings = Settings()
        settings.batchSize = json["batch"]?.int ?? settings.batchSize
        settings.windowSeconds = json["window"]?.int ?? 0
        settings.parallelization = json["parallel"]?.int ?? 1
        settings.maximumRetries = json["retries"]?.int ?? -1
        settings.maximumAgeSeconds = json["age"]?.int ?? -1
        settings.bisects = json["bisect"]?.bool ?? false
        settings.tumblingSeconds = json["tumbling"]?.int ?? 0
        settings.reportsFailures = json["report"]?.bool ?? false
        settings.filters = json["filters"]?.array?.compactMap(\.string) ?? []
        settings.onFailure = json["onFailure"]?.string
        settings.isEnabled = json["enabled"]?.bool ?? true
        self.init(
            uuid: uuid, source: source, kind: kind, function: function, qualifier: json["qualifier"]?.string,
            startingPosition: json["start"]?.string, settings: settings,
            modified: Timestamp(milliseconds: modified), isDeclared: json["declared"]?.bool ?? false)
        tags = json["tags"]?.object ?? [:]
    }

    init(
        uuid: String, source: String, kind: Kind, function: String, qualifier: String?,
        startingPosition: String?, settings: Settings, modified: Timestamp, isDeclared: Bool = false
    ) {
        self.uuid = uuid
        self.source = source
        self.kind = kind
        self.function = function
        self.qualifier = qualifier
        self.startingPosition = startingPosition
        self.settings = settings
        self.modified = modified
        self.isDeclared = isDeclared
    }

    /// All mappings that can be read, in the order of their ids: a damaged one is no reason to leave the others alone.
    /// - Parameter damaged: called with the id of each of the others.
    static func all(
        _ source: some Reading, damaged: (String) -> Void = { _ in }
    ) throws -> [EventSourceMapping] {
        var found: [EventSourceMapping] = []
        let prefix = QueueKeys.allMappings
        try source.scan(.functions, from: prefix, to: QueueKeys.end(prefix)) { key, value in
            if let mapping = try? EventSourceMapping(decoding: value) {
                found.append(mapping)
            } else {
                damaged(QueueKeys.name(key))
            }
            return true
        }
        return found
    }

    static func read(_ uuid: String, _ source: some Reading) throws -> EventSourceMapping? {
        try source.get(.functions, QueueKeys.mapping(uuid)).map { try EventSourceMapping(decoding: $0) }
    }
}
