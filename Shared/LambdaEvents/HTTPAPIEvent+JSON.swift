import JSON

extension HTTPAPIEvent {
    /// Reads an event. `rawPath` and `requestContext.http.method` must be there; what else is absent
    /// gets an empty value, so that a hand-written event may be short. Unknown members are ignored:
    /// AWS adds some from time to time.
    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        if let version = try event.string("version"), version != "2.0" {
            throw EventDecodingError(
                field: "version", reason: "must be \"2.0\": other payload formats are not understood")
        }
        let routeKey = try event.string("routeKey") ?? "$default"
        let rawPath = try event.requiredString("rawPath")
        try self.init(
            routeKey: routeKey, rawPath: rawPath,
            rawQueryString: event.string("rawQueryString") ?? "", cookies: event.strings("cookies"),
            headers: event.stringMap("headers"),
            queryStringParameters: event.stringMap("queryStringParameters"),
            requestContext: Context(event.nested("requestContext"), routeKey: routeKey, path: rawPath),
            body: event.string("body"), pathParameters: event.stringMap("pathParameters"),
            isBase64Encoded: event.bool("isBase64Encoded") ?? false,
            stageVariables: event.stringMap("stageVariables"))
    }

    /// The event as AWS writes it: members in its order, absent ones left out. Maps are sorted by
    /// name, so that the same event is always the same text.
    public func json() -> JSONValue {
        var event = JSONObject()
        event.reserveCapacity(13)
        event.append("version", "2.0")
        event.append("routeKey", .string(routeKey))
        event.append("rawPath", .string(rawPath))
        event.append("rawQueryString", .string(rawQueryString))
        if !cookies.isEmpty { event.append("cookies", .array(cookies.map { .string($0) })) }
        event.append("headers", .object(sorted(headers)))
        if !queryStringParameters.isEmpty {
            event.append("queryStringParameters", .object(sorted(queryStringParameters)))
        }
        event.append("requestContext", .object(requestContext.json()))
        if let body { event.append("body", .string(body)) }
        if !pathParameters.isEmpty { event.append("pathParameters", .object(sorted(pathParameters))) }
        event.append("isBase64Encoded", .bool(isBase64Encoded))
        if !stageVariables.isEmpty { event.append("stageVariables", .object(sorted(stageVariables))) }
        return .object(event)
    }

    private func sorted(_ map: [String: String]) -> JSONObject {
        var object = JSONObject()
        object.reserveCapacity(map.count)
        for (name, value) in map.sorted(by: { $0.key < $1.key }) { object.append(name, .string(value)) }
        return object
    }
}

extension HTTPAPIEvent.Context {
    init(_ context: FieldDecoder, routeKey: String, path: String) throws(EventDecodingError) {
        let http = try context.nested("http")
        try self.init(
            accountID: context.string("accountId") ?? "", apiID: context.string("apiId") ?? "",
            domainName: context.string("domainName") ?? "",
            domainPrefix: context.string("domainPrefix") ?? "",
            requestID: context.string("requestId") ?? "", routeKey: context.string("routeKey") ?? routeKey,
            stage: context.string("stage") ?? "$default", time: context.string("time") ?? "",
            timeEpoch: context.int64("timeEpoch") ?? 0, method: http.requiredString("method"),
            path: http.string("path") ?? path, protocolName: http.string("protocol") ?? "HTTP/1.1",
            sourceIP: http.string("sourceIp") ?? "", userAgent: http.string("userAgent") ?? "",
            authorizer: context.value("authorizer"))
    }

    func json() -> JSONObject {
        var context = JSONObject()
        context.reserveCapacity(12)
        context.append("accountId", .string(accountID))
        context.append("apiId", .string(apiID))
        if let authorizer { context.append("authorizer", authorizer) }
        context.append("domainName", .string(domainName))
        context.append("domainPrefix", .string(domainPrefix))
        context.append(
            "http",
            [
                "method": .string(method), "path": .string(path), "protocol": .string(protocolName),
                "sourceIp": .string(sourceIP), "userAgent": .string(userAgent),
            ])
        context.append("requestId", .string(requestID))
        context.append("routeKey", .string(routeKey))
        context.append("stage", .string(stage))
        context.append("time", .string(time))
        context.append("timeEpoch", .number(JSONNumber(timeEpoch)))
        return context
    }
}
