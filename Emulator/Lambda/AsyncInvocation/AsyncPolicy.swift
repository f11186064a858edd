import Clock

/// What becomes of an event after an attempt (AWS Lambda Developer Guide, "Asynchronous invocation"). Pure.
enum AsyncPolicy {
    /// Why an event ends, in the words of the record that tells of it.
    enum Condition: String, Sendable {
        case success = "Success"
        case retriesExhausted = "RetriesExhausted"
        case eventAgeExceeded = "EventAgeExceeded"
        case zeroReservedConcurrency = "ZeroReservedConcurrency"
    }

    enum Verdict: Sendable {
        /// With the answer of the last attempt if there was one.
        case end(Condition, InvokeResult?)
        case tryAgain(Timestamp)
        /// There was no room: nothing is to be stored.
        case postpone
        /// There is no such function, or it can never be called with this event.
        case drop(String)
    }

    /// Whether an event is to be tried at all.
    /// - Parameter concurrency: the function's reserved one; nil while there is no such function.
    static func beforeAttempt(
        _ event: AsyncEvent, _ config: EventInvokeConfig?, concurrency: Int?, now: Timestamp
    ) -> Verdict? {
        if concurrency == 0 { return .end(.zeroReservedConcurrency, nil) }
        let age = config?.maximumAgeSeconds ?? EventInvokeConfig.longestAgeSeconds
        if now - event.accepted >= Int64(age) * 1000 { return .end(.eventAgeExceeded, nil) }
        // It may come back: whoever deletes a function for good takes its events along.
        return concurrency == nil ? .postpone : nil
    }

    /// - Parameter delays: milliseconds before the second and the third attempt.
    static func afterAttempt(
        _ event: AsyncEvent, _ outcome: InvokeOutcome, _ config: EventInvokeConfig?, delays: [Int],
        now: Timestamp
    ) -> Verdict {
        switch outcome {
        case .success(let result): return .end(.success, result)
        case .functionError(let result):
            let retries = config?.maximumRetries ?? EventInvokeConfig.mostRetries
            guard event.failures < retries, let delay = delays[clamped: event.failures] else {
                return .end(.retriesExhausted, result)
            }
            let again = now + Int64(delay)
            let age = config?.maximumAgeSeconds ?? EventInvokeConfig.longestAgeSeconds
            if again - event.accepted >= Int64(age) * 1000 { return .end(.eventAgeExceeded, result) }
            return .tryAgain(again)
        case .throttled, .startFailure: return .postpone
        case .functionNotFound: return .drop("there is no such function")
        case .requestTooLarge(let limit): return .drop("it is larger than \(limit) bytes")
        }
    }
}

extension [Int] {
    /// The element at a place, or the last one beyond the end.
    fileprivate subscript(clamped index: Int) -> Int? { indices.contains(index) ? self[index] : last }
}
