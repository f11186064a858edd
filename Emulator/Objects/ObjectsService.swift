import AWSProtocol
import Clock
import HTTPTypes
import Store

/// Amazon S3's wire protocol over a ``Store``.
public final class ObjectsService: Sendable {
    public struct Configuration: Sendable {
        public var region: String
        /// Twelve digits.
        public var accountID: String

        public init(region: String, accountID: String) {
            self.region = region
            self.accountID = accountID
        }
    }

    /// Runs work that may block for long on some other thread, and returns after it.
    public typealias BlockingRunner = @Sendable (_ work: @escaping @Sendable () -> Void) async throws -> Void

    let core: ObjectsCore

    /// - Parameters:
    ///   - runBlocking: by default work runs on the calling thread.
    ///   - functions: where events may go; by default nowhere.
    ///   - log: takes one line for the operator.
    public init(
        store: Store, configuration: Configuration, clock: any WallClock = SystemClock(),
        runBlocking: @escaping BlockingRunner = { $0() }, functions: EventQueue = .none,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        core = ObjectsCore(
            store: store, configuration: configuration, clock: clock, runBlocking: runBlocking,
            functions: functions, log: log)
    }

    /// S3 takes every request that no other service claims, so it has to be the last in the endpoint's
    /// list.
    public var restService: RESTService {
        RESTService(
            signingName: "s3", style: .s3, matches: { _ in true },
            handle: { [self] in await respond(to: $0, $1) },
            encodeError: { [self] in encode($0, $1, $2) }, admit: { [self] in admission(of: $0, $1) },
            tooLarge: { head, context in
                guard let request = try? S3Request(head, context), !Self.isPublic(head) else {
                    return BodyLimit.usual.error(BodyLimit.usual.bytesAsSent)
                }
                return UploadAdmission.tooLarge(request)
            }, subresources: OperationNames.subresources,
            immediateAnswer: { [self] in answerAtOnce($0, $1) })
    }

    /// Goes on with work that is done beside requests; to be called every second.
    public func tick() async { core.work.wake(core) }

    /// Ends work in the background after its current step. To be called before the store is closed.
    public func stop() async {
        await core.work.stop()
    }

    // MARK: - Requests

    private func respond(to http: HTTPRequest, _ context: AWSContext) async -> HTTPResponse {
        if http.isForWebsite {
            let site = Website(core: core, http: http, context: context)
            return CORSEvaluation.decorated(site.respond(), http, core)
        }
        do {
            let request = try S3Request(http, context)
            if http.method == "OPTIONS" { return try Preflight.run(request, core) }
            let operation = try OperationTable.operation(for: request)
            if let elsewhere = ListBuckets.invitation(request, operation) { return elsewhere }
            try AccessGate.admit(request, operation, core)
            try BodyLimit(operation).check(request)
            let response = try await operation.run(request, core)
            // Whoever waits for events, or for space, need not wait for the next tick.
            let mayHaveEvents = core.deliveries.isListening && !["GET", "HEAD"].contains(http.method)
            if core.store.takeLeftWork() || mayHaveEvents { core.work.wake(core) }
            return CORSEvaluation.decorated(response, http, core)
        } catch {
            return encode(Self.serviceError(error), http, context)
        }
    }

    /// As `respond`, for operations that wait for nothing; nil for all else.
    private func answerAtOnce(_ http: HTTPRequest, _ context: AWSContext) -> HTTPResponse? {
        // Even what is wrong with such a request is told by a page.
        guard !http.isForWebsite else { return nil }
        do {
            let request = try S3Request(http, context)
            let operation = try OperationTable.operation(for: request)
            guard let run = operation.runAtOnce else { return nil }
            try AccessGate.admit(request, operation, core)
            try BodyLimit.usual.check(request)
            let response = try run(request, core)
            if core.store.takeLeftWork() { core.work.wake(core) }
            return CORSEvaluation.decorated(response, http, core)
        } catch {
            return encode(Self.serviceError(error), http, context)
        }
    }

    /// What is known of a request before its body has come.
    private func admission(of http: HTTPRequest, _ context: AWSContext) -> AWSEndpoint.Admission {
        if Self.isPublic(http) { return .take(maxBytes: BodyLimit.usual.bytesAsSent) }
        do {
            let request = try S3Request(http, context)
            let (operation, maxBytes) = try UploadAdmission.check(request, core)
            guard let judge = operation.withBeginning else { return .take(maxBytes: maxBytes) }
            return .preview(maxBytes: maxBytes, bytes: UploadAdmission.beginningBytes) { [self] beginning in
                do {
                    try judge(request, core, beginning)
                    return nil
                } catch {
                    // What is no error of S3's is met again with the whole body.
                    return (error as? AWSError).map { encode($0, http, context) }
                }
            }
        } catch {
            return .refuse(encode(Self.serviceError(error), http, context))
        }
    }

    /// Questions of browsers, and pages of websites: nobody reads their bodies.
    private static func isPublic(_ http: HTTPRequest) -> Bool {
        http.isForWebsite || http.method == "OPTIONS"
    }

    private func encode(_ error: AWSError, _ http: HTTPRequest, _ context: AWSContext) -> HTTPResponse {
        let error = HeadBucket.located(error, http, context, core)
        return CORSEvaluation.decorated(
            RESTXMLError.response(for: error, request: http, context: context), http, core)
    }

    /// Whatever went wrong, as an answer. The store's own trouble is told to the client as S3 tells
    /// its own, with the reason, since here client and operator are the same person.
    static func serviceError(_ error: any Error) -> AWSError {
        if let error = error as? AWSError { return error }
        var answer = AWSError.internalFailure
        answer.elements = [("Reason", "\(error)")]
        return answer
    }
}
