import AWSProtocol
import JSON
import Net
import Store

/// An event source of a function, as the manifest declares it.
public struct DeclaredEventSource: Sendable {
    public var function: String
    /// ARN of a stream or a queue.
    public var source: String
    /// Further members of CreateEventSourceMapping, in AWS's spelling.
    public var settings: JSONObject

    public init(function: String, source: String, settings: JSONObject) {
        self.function = function
        self.source = source
        self.settings = settings
    }
}

extension LambdaService {
    /// Makes the queues that the manifest declares, and forgets the others; their messages stay.
    public func declare(queues: [String: QueueSettings]) async throws(AWSError) {
        try await commit { transaction in
            let prefix = QueueKeys.allQueues
            try transaction.deleteRange(.functions, from: prefix, to: QueueKeys.end(prefix))
            for (name, settings) in queues { settings.write(name, in: transaction) }
        }
    }

    /// Replaces the schedules.
    public func declare(schedules: [Schedule]) { scheduler.declare(schedules) }

    /// Makes and changes mappings so that they are as the manifest says; those that it does not declare any more go.
    /// What clients have made stays.
    public func declare(eventSources declared: [DeclaredEventSource]) async throws(AWSError) {
        let old = try readState { try EventSourceMapping.all($0) }
        for one in declared {
            var input = one.settings
            input["FunctionName"] = .string(one.function)
            let twin = old.first {
                $0.source == one.source && $0.function == one.function && $0.qualifier == nil
            }
            if let twin {
                let document = LambdaDocument(input)
                let settings = try MappingRequest(document).settings(.defaults(for: twin.kind), twin.kind)
                // What was taken out of the manifest has its default again.
                if settings != twin.settings {
                    _ = try await updateEventSourceMapping(twin.uuid, document, isWhole: true)
                }
            } else {
                input["EventSourceArn"] = .string(one.source)
                _ = try await createEventSourceMapping(LambdaDocument(input), isDeclared: true)
            }
        }
        for mapping in old where mapping.isDeclared {
            let isStillDeclared = declared.contains {
                $0.source == mapping.source && $0.function == mapping.function
            }
            if !isStillDeclared { _ = try await deleteEventSourceMapping(mapping.uuid) }
        }
    }
}
