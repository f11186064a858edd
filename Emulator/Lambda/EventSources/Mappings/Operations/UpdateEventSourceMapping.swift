import AWSProtocol
import JSON
import Net

extension LambdaService {
    /// UpdateEventSourceMapping (AWS Lambda API Reference): changes what the request names.
    /// - Parameter isWhole: whether what the request does not name gets its default.
    func updateEventSourceMapping(
        _ uuid: String, _ document: LambdaDocument, isWhole: Bool = false
    ) async throws(AWSError) -> EventSourceMapping {
        let old = try getEventSourceMapping(uuid)
        let request = try MappingRequest(document)
        let settings = try request.settings(isWhole ? .defaults(for: old.kind) : old.settings, old.kind)
        var mapping = old
        mapping.settings = settings
        mapping.modified = clock.now
        if request.functionName != nil {
            let function = try mappedFunction(request.functionName)
            mapping.function = function.name
            mapping.qualifier = function.qualifier
        }
        if settings.onFailure != old.settings.onFailure {
            try await check(onFailure: settings.onFailure, mapping.function)
        }
        let changed = mapping
        let isThere = try await commit { transaction in
            guard try transaction.get(.functions, changed.key) != nil else { return false }
            changed.write(in: transaction)
            return true
        }
        guard isThere else { throw Self.noMapping }
        let transition =
            settings.isEnabled == old.settings.isEnabled
            ? "Updating" : settings.isEnabled ? "Enabling" : "Disabling"
        eventSources.changed(changed, transition: transition)
        return changed
    }
}
