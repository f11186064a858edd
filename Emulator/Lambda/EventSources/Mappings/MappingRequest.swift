import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// The settings of a request to make or change a mapping, checked as far as that is possible without knowing whether
/// its source and its function exist.
struct MappingRequest {
    private static let mostFilters = 10
    private static let longestPattern = 4096

    let document: LambdaDocument
    let functionName: String?

    init(_ document: LambdaDocument) throws(AWSError) {
        self.document = document
        functionName = try document.string("FunctionName")
    }

    /// - Parameters:
    ///   - old: the settings that stay where the request says nothing.
    ///   - kind: of the source.
    func settings(
        _ old: EventSourceMapping.Settings, _ kind: EventSourceMapping.Kind
    ) throws(AWSError) -> EventSourceMapping.Settings {
        var settings = old
        settings.batchSize = try document.integer("BatchSize", 1...10_000) ?? old.batchSize
        settings.windowSeconds =
            try document.integer("MaximumBatchingWindowInSeconds", 0...300) ?? old.windowSeconds
        settings.isEnabled = try document.bool("Enabled") ?? old.isEnabled
        if let types = try document.strings("FunctionResponseTypes") {
            if let wrong = types.first(where: { $0 != "ReportBatchItemFailures" }) {
                throw LambdaError.validation(
                    "[\(wrong)]", at: "functionResponseTypes",
                    "satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]")
            }
            settings.reportsFailures = !types.isEmpty
        }
        if let criteria = try document.object("FilterCriteria") { settings.filters = try filters(criteria) }
        switch kind {
        case .stream: try stream(&settings)
        case .queue:
            try refuseStreamMembers()
            guard settings.batchSize <= 10 || settings.windowSeconds > 0 else {
                throw LambdaError.invalidParameter(
                    "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
                )
            }
        }
        return settings
    }

    /// What only streams have.
    private func refuseStreamMembers() throws(AWSError) {
        if document.has("StartingPosition") {
            throw LambdaError.invalidParameter("StartingPosition is not valid for SQS event sources.")
        }
        let members = [
            "ParallelizationFactor", "BisectBatchOnFunctionError", "MaximumRetryAttempts",
            "MaximumRecordAgeInSeconds", "TumblingWindowInSeconds", "DestinationConfig",
        ]
        if let member = members.first(where: document.has) {
            throw LambdaError.invalidParameter(
                "Unsupported \(member) parameter for given event source mapping type.")
        }
    }

    private func stream(_ settings: inout EventSourceMapping.Settings) throws(AWSError) {
        settings.parallelization =
            try document.integer("ParallelizationFactor", 1...10) ?? settings.parallelization
        settings.maximumRetries =
            try document.integer("MaximumRetryAttempts", -1...10_000) ?? settings.maximumRetries
        settings.maximumAgeSeconds =
            try document.integer("MaximumRecordAgeInSeconds", -1...604_800) ?? settings.maximumAgeSeconds
        guard settings.maximumAgeSeconds == -1 || settings.maximumAgeSeconds >= 60 else {
            throw LambdaError.invalidParameter(
                "MaximumRecordAgeInSeconds must be -1, or between 60 and 604800, not \(settings.maximumAgeSeconds)."
            )
        }
        settings.tumblingSeconds =
            try document.integer("TumblingWindowInSeconds", 0...900) ?? settings.tumblingSeconds
        settings.bisects = try document.bool("BisectBatchOnFunctionError") ?? settings.bisects
        if let destinations = try document.object("DestinationConfig") {
            guard destinations["OnSuccess"]?["Destination"]?.string == nil else {
                throw LambdaError.invalidParameter(
                    "Unsupported DestinationConfig parameter for given event source mapping type.")
            }
            let arn = destinations["OnFailure"]?["Destination"]?.string ?? ""
            settings.onFailure = arn.isEmpty ? nil : arn
        }
    }

    private func filters(_ criteria: JSONObject) throws(AWSError) -> [String] {
        let invalid = LambdaError.invalidParameter("Invalid filter pattern definition.")
        let list = criteria["Filters"]?.array ?? []
        guard list.count <= Self.mostFilters else {
            throw LambdaError.validation(
                JSONValue.array(list).encodedString(), at: "filterCriteria.filters",
                "have length less than or equal to \(Self.mostFilters)")
        }
        var patterns: [String] = []
        for filter in list {
            guard let pattern = filter["Pattern"]?.string, !pattern.isEmpty else { throw invalid }
            guard pattern.utf8.count <= Self.longestPattern else {
                throw LambdaError.validation(
                    pattern, at: "filterCriteria.filters.1.member.pattern",
                    "have length less than or equal to \(Self.longestPattern)")
            }
            guard (try? EventPattern(pattern)) != nil else { throw invalid }
            patterns.append(pattern)
        }
        return patterns
    }
}

/// The source of a new mapping.
struct MappingSource {
    let arn: String
    let kind: EventSourceMapping.Kind

    init(_ arn: String?) throws(AWSError) {
        guard let arn, !arn.isEmpty else { throw LambdaError.invalidParameter("Unrecognized event source.") }
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn" else {
            throw LambdaError.validation(
                arn, at: "eventSourceArn",
                #"satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)"#
            )
        }
        self.arn = arn
        switch parts[2] {
        case "dynamodb": kind = .stream
        case "sqs": kind = .queue
        default:
            throw LambdaError.invalidParameter(
                "Unrecognized event source. The emulator has streams of DynamoDB tables and queues of the manifest."
            )
        }
    }
}
