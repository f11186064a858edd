import AWSProtocol
import Clock
import HTTPTypes
import JSON
import Net
import Store

/// What asynchronous invocation has to know of functions.
extension LambdaService {
    /// The function's reserved concurrency, or all of the account's; nil when there is no such function.
    func asyncConcurrency(of name: String) -> Int? {
        guard resolve(name, qualifier: nil) != nil else { return nil }
        return reservedConcurrency(of: name) ?? configuration.maxEnvironments
    }

    /// Whether a function, or that version or alias of it, can be called.
    func canInvoke(_ name: String, _ qualifier: String?) -> Bool {
        resolve(name, qualifier: qualifier) != nil
    }

    /// ARN of the function's dead-letter queue.
    func deadLetterTarget(of name: String, _ qualifier: String?) -> String? {
        guard let found = resolve(name, qualifier: qualifier) else { return nil }
        if let record = known(name), let version = record.version(found.version) {
            return version.settings["DeadLetterConfig"]?["TargetArn"]?.string
        }
        return declared[name]?.deadLetterTarget
    }

    func timeoutMilliseconds(of name: String) -> Int? {
        known(name)?.latest.map { $0.timeoutSeconds * 1_000 } ?? declared[name]?.timeoutMilliseconds
    }

    /// What an ARN of this account names; nil when it is no destination.
    func destination(_ arn: String) -> Destination? {
        try? Destination(arn, region: configuration.region, accountID: configuration.accountID)
    }

    /// As `destination`; nil also for a queue that the manifest does not declare any more.
    func usable(_ arn: String) -> Destination? {
        guard let found = destination(arn) else { return nil }
        if case .queue(let name) = found, !hasQueue(name) { return nil }
        return found
    }

    /// Invokes a function as its event sources do: returns once the event is stored.
    public func invokeLater(
        _ name: String, qualifier: String? = nil, payload: [UInt8], requestID: String
    ) async throws(AWSError) {
        try await asyncEvents.accept(
            AsyncEvent(
                function: name, qualifier: qualifier, payload: payload, requestID: requestID,
                accepted: clock.now))
    }

    /// Events have been stored by `LambdaState.put`.
    public func eventsArrived(for name: String) {
        // They cannot have been stored long ago.
        let early: Timestamp = clock.now - 60_000
        asyncEvents.added(name, QueueKeys.waiting(QueueKeys.events(name), due: early, order: 0))
    }

    // MARK: - Destinations, checked when they are configured

    /// - Parameter function: whose destination it is to be.
    func check(
        destination arn: String, of function: String, isSuccess: Bool, member: String
    ) async throws(AWSError) {
        let invalid = LambdaError.invalidParameter("The destination ARN \(arn) is invalid.")
        let found: Destination
        do throws(Destination.Refusal) {
            found = try Destination(arn, region: configuration.region, accountID: configuration.accountID)
        } catch {
            switch error {
            case .malformed:
                throw LambdaError.validation(
                    arn, at: "destinationConfig.\(member).destination",
                    "satisfy regular expression pattern: \(Self.destinationPattern)")
            case .elsewhere: throw invalid
            case .unknownService:
                let given = member == "onSuccess" ? "OnSuccess" : "OnFailure"
                let (success, failure) =
                    isSuccess
                    ? ("\(given)(destination=\(arn))", "null") : ("null", "\(given)(destination=\(arn))")
                throw LambdaError.invalidParameter(
                    "The provided destination config DestinationConfig(onSuccess=\(success), "
                        + "onFailure=\(failure)) is invalid.")
            case .unsupported(let what): throw Self.unsupported(arn, what)
            }
        }
        switch found {
        case .function(let name, let qualifier):
            guard canInvoke(name, qualifier) else { throw invalid }
            guard name != function else {
                throw LambdaError.invalidParameter(
                    "You can't specify the function as a destination for itself.")
            }
        case .bucket(let bucket):
            if isSuccess {
                throw Self.unsupported(arn, "S3 buckets as destinations of successful invocations")
            }
            guard await eventNeighbours.bucketExists(bucket) else { throw invalid }
        case .queue(let queue):
            guard hasQueue(queue) else {
                throw Self.unsupported(arn, "queues that the manifest does not declare")
            }
        }
    }

    private static func unsupported(_ arn: String, _ what: String) -> AWSError {
        LambdaError.invalidParameter(
            "The destination ARN \(arn) is invalid: \(what) get no records here. Destinations are "
                + "\(Destination.supported).")
    }

    private static let destinationPattern =
        #"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)"#

    /// Checks the dead-letter queue in a function's settings.
    func check(deadLetterQueueOf settings: JSONObject) throws(AWSError) {
        guard let arn = settings["DeadLetterConfig"]?["TargetArn"]?.string else { return }
        let found: Destination?
        do throws(Destination.Refusal) {
            found = try Destination(arn, region: configuration.region, accountID: configuration.accountID)
        } catch {
            if case .unsupported(let what) = error { throw Self.unsupported(arn, what) }
            found = nil
        }
        guard case .queue(let queue)? = found, hasQueue(queue) else {
            throw LambdaError.invalidParameter(
                "The provided DLQ \(arn) is invalid: dead-letter queues are queues of the manifest here.")
        }
    }

    func hasQueue(_ name: String) -> Bool {
        (try? state.store.read { try $0.get(.functions, QueueKeys.queue(name)) }) != nil
    }
}

extension LambdaState {
    /// Whether a function of that name was made by a request; of any thread.
    public func hasFunction(_ name: String) -> Bool {
        (try? store.readOne(.functions, FunctionKeys.function(name)) { $0 != nil }) ?? false
    }

    /// Stores an asynchronous event as a part of somebody else's commit. `LambdaService.eventsArrived` is to be called
    /// when that is durable.
    public static func put(
        event payload: [UInt8], for function: String, requestID: String, in transaction: Transaction
    ) throws {
        let now = transaction.now
        try AsyncStorage.put(
            AsyncEvent(function: function, payload: payload, requestID: requestID, accepted: now), due: now,
            in: transaction)
    }
}
