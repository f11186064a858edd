import Clock
import JSON

/// A function that says who may call an API, of any kind of API: its invocation, what it answered, and for how long
/// that holds. What event it gets and how a refusal looks is the API's own.
public final class LambdaAuthorizer: Sendable {
    public struct Settings: Sendable {
        public var function: String
        /// `AuthorizerResultTtlInSeconds`, 0 to 3,600; 0 keeps nothing.
        public var ttlSeconds: Int
        /// `EnableSimpleResponses`: `{"isAuthorized": true}` will do instead of a policy.
        public var acceptsSimple: Bool
        /// Whether values in the context have to be strings, numbers or booleans.
        public var wantsScalars: Bool
        /// "Quotas": 10 s.
        public var timeoutMilliseconds: Int

        public init(
            function: String, ttlSeconds: Int, acceptsSimple: Bool = false, wantsScalars: Bool = true,
            timeoutMilliseconds: Int = 10_000
        ) {
            self.function = function
            self.ttlSeconds = ttlSeconds
            self.acceptsSimple = acceptsSimple
            self.wantsScalars = wantsScalars
            self.timeoutMilliseconds = timeoutMilliseconds
        }
    }

    /// Whom the function has let pass.
    public struct Caller: Sendable, Equatable {
        /// Of a policy; nil of a simple answer.
        public var principalID: String?
        public var context: JSONObject
        /// The API key that counts for usage plans, if the function names one.
        public var usageIdentifierKey: String?
    }

    public enum Verdict: Sendable, Equatable {
        case allowed(Caller)
        case denied(isExplicit: Bool)
        /// The function has failed with the message `Unauthorized`.
        case unauthorized
        /// It failed otherwise, took too long, or gave no proper answer. The text says what, for logs.
        case failed(String)
    }

    private enum Answer: Sendable {
        case simple(Bool, Caller)
        case policy(PolicyAnswer, Caller)
    }

    public let settings: Settings
    private let invoke: InvokeFunction
    private let now: @Sendable () -> UInt64
    private let cache = AuthorizerCache<Answer>()

    /// - Parameter now: nanoseconds on a clock that never goes back.
    public init(
        _ settings: Settings, invoke: @escaping InvokeFunction,
        now: @escaping @Sendable () -> UInt64 = { MonotonicClock.nanoseconds }
    ) {
        self.settings = settings
        self.invoke = invoke
        self.now = now
    }

    /// Whether a request may reach a resource.
    ///
    /// - Parameters:
    ///   - identity: what an answer is kept under: values of the identity sources, and whatever else must not share
    ///     answers, such as the stage. nil calls the function each time.
    ///   - resource: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`.
    ///   - event: what the function is called with.
    public func verdict(identity: String?, resource: String, event: () -> [UInt8]) async -> Verdict {
        let key = settings.ttlSeconds > 0 ? identity : nil
        if let key, let kept = cache.answer(for: key, nowNanoseconds: now()) {
            return Self.verdict(kept, on: resource)
        }
        switch await invoke(settings.function, event(), settings.timeoutMilliseconds) {
        case .payload(let payload):
            guard let answer = answer(payload) else {
                return .failed("the authorizer's answer has no valid shape")
            }
            if let key {
                let moment = now()
                cache.keep(
                    answer, for: key, untilNanoseconds: moment + UInt64(settings.ttlSeconds) * 1_000_000_000,
                    nowNanoseconds: moment)
            }
            return Self.verdict(answer, on: resource)
        case .functionError(let payload):
            let message = (try? JSONValue.parse(payload))?["errorMessage"]?.string
            return message == "Unauthorized"
                ? .unauthorized : .failed(message ?? "the authorizer's function has failed")
        case .timedOut: return .failed("the authorizer has timed out")
        case .throttled: return .failed("the authorizer's function was throttled")
        case .notFound: return .failed("the authorizer's function does not exist")
        case .payloadTooLarge: return .failed("the authorizer's event is too large")
        }
    }

    /// Forgets what it has kept, as ResetAuthorizersCache and FlushStageAuthorizersCache do.
    public func forget() { cache.removeAll() }

    private static func verdict(_ answer: Answer, on resource: String) -> Verdict {
        switch answer {
        case .simple(let isAuthorized, let caller):
            return isAuthorized ? .allowed(caller) : .denied(isExplicit: true)
        case .policy(let policy, let caller):
            let verdict = policy.verdict(on: resource)
            return verdict == .allowed ? .allowed(caller) : .denied(isExplicit: verdict == .explicitDeny)
        }
    }

    private func answer(_ payload: [UInt8]) -> Answer? {
        guard let object = (try? JSONValue.parse(payload))?.object, let context = context(of: object) else {
            return nil
        }
        if settings.acceptsSimple, let flag = object["isAuthorized"] {
            return flag.bool.map { .simple($0, Caller(context: context)) }
        }
        guard let policy = PolicyAnswer(object) else { return nil }
        return .policy(
            policy,
            Caller(
                principalID: policy.principalID, context: context,
                usageIdentifierKey: object["usageIdentifierKey"]?.string))
    }

    private func context(of answer: JSONObject) -> JSONObject? {
        guard let value = answer["context"], !value.isNull else { return [:] }
        guard let context = value.object else { return nil }
        let isNested = context.contains { $0.value.array != nil || $0.value.object != nil }
        return settings.wantsScalars && isNested ? nil : context
    }
}
