import HTTPTypes

/// Reads of one item or one small object wait for nothing. Answering them within the call that brought the request
/// spares them a task and a frame for each async function on the way.
extension AWSEndpoint {
    /// As `respond`, for a request that waits for nothing; nil, at little cost, leaves any other to `respond`.
    /// - Parameter isOther: whether a request is for none of the services; asked of those only that could be answered.
    public func answerAtOnce(
        _ request: HTTPRequest, unless isOther: (HTTPRequest) -> Bool = { _ in false }
    ) -> HTTPResponse? {
        switch request.method {
        case "POST":
            guard let (service, operation) = detection.operation(of: request),
                service.immediateOperations.contains(operation), let answer = service.immediateAnswer,
                !isOther(request)
            else { return nil }
            return pass(request, .json(service)) { exchange in
                JSONServiceDispatch.respondAtOnce(
                    to: exchange.request, operation, answer, service: service, context: exchange.context)
            }
        case "GET", "HEAD":
            guard Self.namesKey(request.target), !request.isForWebsite, !isOther(request),
                case .rest(let service)? = detection.service(for: request),
                let answer = service.immediateAnswer
            else { return nil }
            return pass(request, .rest(service)) { answer($0.request, $0.context) }
        default: return nil
        }
    }

    private func pass(
        _ request: HTTPRequest, _ target: ServiceTarget, _ answer: (Exchange) -> HTTPResponse?
    ) -> HTTPResponse? {
        var exchange = Exchange(request: request, target: target, context: context(for: target))
        for step in Self.steps {
            if let response = step(self, &exchange) { return finish(response, exchange) }
        }
        return answer(exchange).map { finish($0, exchange) }
    }

    /// Whether something stands behind the first segment of a path without a query.
    private static func namesKey(_ target: String) -> Bool {
        var target = target
        return target.withUTF8 { bytes in
            guard bytes.count > 2, bytes.last != UInt8(ascii: "/") else { return false }
            var hasKey = false
            for byte in bytes[1...] {
                if byte == UInt8(ascii: "?") { return false }
                if byte == UInt8(ascii: "/") { hasKey = true }
            }
            return hasKey
        }
    }
}
