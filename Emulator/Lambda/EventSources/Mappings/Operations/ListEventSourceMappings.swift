import AWSProtocol
import JSON

extension LambdaService {
    /// ListEventSourceMappings (AWS Lambda API Reference): of a function, of a source, or all.
    func listEventSourceMappings(_ request: LambdaRequest) throws(AWSError) -> JSONObject {
        let page = try LambdaPage(request, largest: 100)
        let (source, name) = (request.query("EventSourceArn"), request.query("FunctionName"))
        let function = try name.map { name throws(AWSError) in try InvokeRequest.reference(name) }
        let all = try readState { try EventSourceMapping.all($0) }.filter { mapping in
            guard source == nil || mapping.source == source else { return false }
            guard let function else { return true }
            return mapping.function == function.name
                && (function.qualifier == nil || mapping.qualifier == function.qualifier)
        }
        let rest = all.filter { $0.uuid > page.marker }
        var answer: JSONObject = [
            "EventSourceMappings": .array(rest.prefix(page.limit).map { .object(json($0)) })
        ]
        if rest.count > page.limit { answer.append("NextMarker", .string(rest[page.limit - 1].uuid)) }
        return answer
    }
}
