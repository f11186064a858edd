import AWSProtocol
import HTTPTypes
import JSON
import Net

extension LambdaOperation {
    private static let mappingsPath = "/2015-03-31/event-source-mappings"

    /// The operations on event source mappings.
    static let eventSources: [LambdaOperation] = [
        LambdaOperation("CreateEventSourceMapping", "POST", mappingsPath) {
            (service, request) async throws(AWSError) in
            let document = LambdaDocument(try await request.document())
            let mapping = try await service.createEventSourceMapping(document)
            return request.answer(service.json(mapping), status: 202)
        },
        LambdaOperation("ListEventSourceMappings", "GET", mappingsPath) {
            (service, request) async throws(AWSError) in
            request.answer(try service.listEventSourceMappings(request))
        },
        LambdaOperation("GetEventSourceMapping", "GET", mappingsPath + "/{UUID}") {
            (service, request) async throws(AWSError) in
            request.answer(service.json(try service.getEventSourceMapping(request.path("UUID"))))
        },
        LambdaOperation("UpdateEventSourceMapping", "PUT", mappingsPath + "/{UUID}") {
            (service, request) async throws(AWSError) in
            let document = LambdaDocument(try await request.document())
            let mapping = try await service.updateEventSourceMapping(request.path("UUID"), document)
            return request.answer(service.json(mapping), status: 202)
        },
        LambdaOperation("DeleteEventSourceMapping", "DELETE", mappingsPath + "/{UUID}") {
            (service, request) async throws(AWSError) in
            request.answer(try await service.deleteEventSourceMapping(request.path("UUID")), status: 202)
        },
    ]
}
