import JSON

/// Counts of one backend since the start.
public struct BackendMetrics: Sendable, Equatable {
    /// Requests that the gateway was asked to send, refused ones included.
    public var requests = 0
    /// Answers by the first digit of their status, from 1xx.
    public var answers = [0, 0, 0, 0, 0]
    public var unreachable = 0
    public var timeouts = 0
    /// Connections that ended too soon, and answers that could not be used.
    public var broken = 0
    public var refused = 0
    public var retries = 0
    /// Requests that would have been tried again had the budget allowed it.
    public var retriesDenied = 0
    public var circuitOpened = 0
    public var connectionsOpened = 0

    mutating func note(_ result: BackendResult) {
        switch result {
        case .answer(let response): answers[min(max(response.status / 100, 1), 5) - 1] += 1
        case .failure(.unreachable): unreachable += 1
        case .failure(.timedOut): timeouts += 1
        case .failure(.refused), .failure(.unsendable): refused += 1
        case .failure(.closed), .failure(.badAnswer), .failure(.tooLarge): broken += 1
        }
    }

    var json: JSONObject {
        func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
        var answers: JSONObject = [:]
        for (index, count) in self.answers.enumerated() { answers["\(index + 1)xx"] = number(count) }
        return [
            "requests": number(requests), "answers": .object(answers), "unreachable": number(unreachable),
            "timeouts": number(timeouts), "broken": number(broken), "refused": number(refused),
            "retries": number(retries), "retriesDenied": number(retriesDenied),
            "circuitOpened": number(circuitOpened), "connectionsOpened": number(connectionsOpened),
        ]
    }
}
