import AWSProtocol
import Bytes
import JSON
import Net

extension LambdaService {
    /// CreateEventSourceMapping (AWS Lambda API Reference).
    /// - Parameter isDeclared: whether the manifest asks for it.
    func createEventSourceMapping(
        _ document: LambdaDocument, isDeclared: Bool = false
    ) async throws(AWSError) -> EventSourceMapping {
        let request = try MappingRequest(document)
        let source = try MappingSource(try document.string("EventSourceArn"))
        let settings = try request.settings(.defaults(for: source.kind), source.kind)
        let start = try startingPosition(document, source)
        let function = try mappedFunction(request.functionName)
        let tags = try TagRules.checked(document.texts("Tags") ?? [])
        try await check(onFailure: settings.onFailure, function.name)
        let checkpoint = try await checkpoint(source, start, settings)
        var wanted = EventSourceMapping(
            uuid: UUID4.make(), source: source.arn, kind: source.kind, function: function.name,
            qualifier: function.qualifier, startingPosition: start, settings: settings, modified: clock.now,
            isDeclared: isDeclared)
        wanted.tags = tags
        let mapping = wanted
        let twin = try await commit { transaction -> String? in
            let twin = try EventSourceMapping.all(transaction).first {
                $0.source == mapping.source && $0.function == mapping.function
                    && $0.qualifier == mapping.qualifier
            }
            if let twin { return twin.uuid }
            mapping.write(in: transaction)
            checkpoint?.write(mapping.uuid, in: transaction)
            return nil
        }
        if let twin { throw Self.conflict(mapping, with: twin) }
        eventSources.changed(mapping, transition: settings.isEnabled ? "Creating" : "Disabled")
        return mapping
    }

    private static func conflict(_ mapping: EventSourceMapping, with twin: String) -> AWSError {
        let message =
            mapping.kind == .queue
            ? "An event source mapping with SQS arn (\" \(mapping.source) \") and function "
                + "(\" \(mapping.function) \") already exists. Please update or delete the existing mapping "
                + "with UUID \(twin)"
            : "The event source arn (\" \(mapping.source) \") and function (\" \(mapping.function) \") provided "
                + "mapping already exists. Please update or delete the existing mapping with UUID \(twin)"
        return AWSError(
            code: "ResourceConflictException", status: 409, message: message, members: ["Type": "User"])
    }

    private func startingPosition(
        _ document: LambdaDocument, _ source: MappingSource
    ) throws(AWSError) -> String? {
        guard source.kind == .stream else { return nil }
        guard let start = try document.string("StartingPosition"), !start.isEmpty else {
            throw LambdaError.invalidParameter(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                    + "Member must not be null.")
        }
        switch start {
        case "LATEST", "TRIM_HORIZON": return start
        case "AT_TIMESTAMP":
            throw LambdaError.invalidParameter("Unsupported starting position for arn type: \(source.arn)")
        default:
            throw LambdaError.validation(
                start, at: "startingPosition",
                "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]")
        }
    }

    /// Where to begin is known, and stored, before the answer: what is written behind it is not missed.
    private func checkpoint(
        _ source: MappingSource, _ start: String?, _ settings: EventSourceMapping.Settings
    ) async throws(AWSError) -> StreamCheckpoint? {
        switch source.kind {
        case .queue:
            guard hasQueue(QueueFollower.name(source.arn)), destination(source.arn) != nil else {
                throw LambdaError.invalidParameter(
                    "Error occurred while ReceiveMessage. SQS Error Code: "
                        + "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
                        + "not exist.")
            }
            return nil
        case .stream:
            let extent = try await extent(of: source.arn)
            let position = start == "LATEST" ? extent.next : extent.first
            return StreamCheckpoint(lanes: [.init(position: position)]).with(lanes: settings.parallelization)
        }
    }
}
