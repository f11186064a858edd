import JSON

extension HTTPAPIEvent {
    /// Reads an event as it comes over the wire: ``init(json:)`` of the parsed text, but without a tree where the
    /// event has the shape that API Gateway gives it.
    /// - Throws: `JSONError` or `EventDecodingError`.
    public init(_ bytes: [UInt8]) throws {
        if let event = bytes.withUnsafeBufferPointer({ Self.read($0) }) {
            self = event
        } else {
            try self.init(json: JSONValue.parse(bytes))
        }
    }

    /// nil when something is unusual, be it allowed or not.
    private static func read(_ source: UnsafeBufferPointer<UInt8>) -> HTTPAPIEvent? {
        var reader = JSONReader(source)
        var event = HTTPAPIEvent(rawPath: "")
        var version: String?
        var place: Context.Place?
        reader.enterObject()
        while let name = reader.nextName() {
            switch name {
            case "version": version = reader.string()
            case "routeKey": event.routeKey = reader.string() ?? "$default"
            case "rawPath": event.rawPath = reader.string() ?? ""
            case "rawQueryString": event.rawQueryString = reader.string() ?? ""
            case "cookies":
                guard let elements = reader.value()?.array else { return nil }
                event.cookies = elements.compactMap(\.string)
                guard event.cookies.count == elements.count else { return nil }
            case "headers": event.headers = reader.texts()
            case "queryStringParameters": event.queryStringParameters = reader.texts()
            case "requestContext":
                // Of two the second one would count, and none of the first.
                guard place == nil else { return nil }
                place = event.requestContext.read(&reader)
            case "body": event.body = reader.string()
            case "pathParameters": event.pathParameters = reader.texts()
            case "isBase64Encoded": event.isBase64Encoded = reader.bool() ?? false
            case "stageVariables": event.stageVariables = reader.texts()
            default: _ = reader.value()
            }
        }
        guard reader.isComplete(), version ?? "2.0" == "2.0", !event.rawPath.isEmpty, let place,
            let method = place.method
        else { return nil }
        event.requestContext.method = method
        event.requestContext.path = place.path ?? event.rawPath
        event.requestContext.routeKey = place.routeKey ?? event.routeKey
        return event
    }
}

extension HTTPAPIEvent.Context {
    /// What is taken from the event around the context where the context does not say it.
    fileprivate struct Place {
        var method: String?
        var path: String?
        var routeKey: String?
    }

    fileprivate mutating func read(_ reader: inout JSONReader) -> Place? {
        var place = Place()
        (accountID, sourceIP) = ("", "")
        reader.enterObject()
        while let name = reader.nextName() {
            switch name {
            case "accountId": accountID = reader.string() ?? ""
            case "apiId": apiID = reader.string() ?? ""
            case "authorizer":
                let value = reader.value()
                authorizer = value?.isNull == true ? nil : value
            case "domainName": domainName = reader.string() ?? ""
            case "domainPrefix": domainPrefix = reader.string() ?? ""
            case "http":
                guard place.method == nil else { return nil }
                readHTTP(&reader, &place)
                guard place.method != nil else { return nil }
            case "requestId": requestID = reader.string() ?? ""
            case "routeKey": place.routeKey = reader.string()
            case "stage": stage = reader.string() ?? "$default"
            case "time": time = reader.string() ?? ""
            case "timeEpoch":
                guard let number = reader.value()?.int64 else { return nil }
                timeEpoch = number
            default: _ = reader.value()
            }
        }
        return place
    }

    private mutating func readHTTP(_ reader: inout JSONReader, _ place: inout Place) {
        reader.enterObject()
        while let name = reader.nextName() {
            switch name {
            case "method": place.method = reader.string()
            case "path": place.path = reader.string()
            case "protocol": protocolName = reader.string() ?? "HTTP/1.1"
            case "sourceIp": sourceIP = reader.string() ?? ""
            case "userAgent": userAgent = reader.string() ?? ""
            default: _ = reader.value()
            }
        }
    }
}
