import Clock
import Glibc
import HTTPClient
import LambdaEvents

/// A handler of raw events.
public typealias EventHandler = (_ event: [UInt8], _ context: LambdaContext) throws -> [UInt8]

/// A handler of HTTP API events, payload format 2.0.
public typealias HTTPEventHandler = (HTTPAPIEvent, LambdaContext) throws -> HTTPAPIResponse

/// Runs a function process against Lambda's Runtime API.
public enum LambdaRuntime {
    /// Serves invocations until the environment ends.
    ///
    /// An error thrown by `makeHandler` is posted as init error and the process exits with 1; one
    /// thrown by the handler fails that invocation alone. SIGTERM and the end of the Runtime API exit
    /// with 0. Outside Lambda (no AWS_LAMBDA_RUNTIME_API) a short help goes to standard error and the
    /// exit code is 64, EX_USAGE of sysexits.h.
    ///
    /// Where Lambda gives one environment several invocations at once (`AWS_LAMBDA_MAX_CONCURRENCY`), as many
    /// threads serve them. `makeHandler` is called once for each, one after another, and what it returns is used by
    /// one thread only: a handler needs no locks for what it made itself.
    public static func run(_ makeHandler: () throws -> EventHandler) -> Never {
        guard let endpoint = ProcessEnvironment.value("AWS_LAMBDA_RUNTIME_API"), !endpoint.isEmpty else {
            exitWithHelp()
        }
        guard let controlPlane = ControlPlane(endpoint: endpoint) else {
            log("AWS_LAMBDA_RUNTIME_API is not host:port: '\(endpoint)'")
            exit(64)
        }
        // Only async-signal-safe work is allowed here. An invocation that is under way is lost, as it
        // is when Lambda ends the environment.
        signal(SIGTERM) { _ in _exit(0) }
        let loop = RuntimeLoop(pipelines: isPipelined)
        let threads = ServingThreads.count(ProcessEnvironment.value("AWS_LAMBDA_MAX_CONCURRENCY"))
        guard threads > 1 else { exit(serve(controlPlane, loop, makeHandler)) }
        exit(ServingThreads.serve(threads, endpoint: endpoint, loop, makeHandler))
    }

    /// Whether the Runtime API takes a response and the next poll in one write, as the emulator's does. It says
    /// so by a folder, since the variables are Lambda's alone; where functions see the machine's own files, by a
    /// variable.
    private static var isPipelined: Bool {
        access("/var/runtime/pipelines", F_OK) == 0
            || ProcessEnvironment.value("MUMBLE_RUNTIME_PIPELINE") == "1"
    }

    /// As ``run(_:)``, for functions behind an HTTP API. An event that is no such event fails its
    /// invocation.
    public static func runHTTP(_ makeHandler: () throws -> HTTPEventHandler) -> Never {
        run {
            let handler = try makeHandler()
            return { event, context in
                try handler(HTTPAPIEvent(event), context).encoded()
            }
        }
    }

    /// The loop itself; returns the exit code.
    /// - Parameter isAlone: whether no other thread serves invocations at the same time.
    static func serve(
        _ controlPlane: ControlPlane, _ loop: RuntimeLoop, isAlone: Bool = true,
        _ makeHandler: () throws -> EventHandler
    ) -> Int32 {
        var loop = loop
        var handler: EventHandler = { event, _ in event }
        var action: RuntimeLoop.Action
        do {
            handler = try makeHandler()
            action = loop.started(nil)
        } catch {
            log("init failed: \(error)")
            action = loop.started(ErrorReport(error, category: "Runtime.InitError"))
        }
        let identity = FunctionIdentity()
        while true {
            switch action {
            case .send(let requests):
                action = exchange(requests, controlPlane, &loop)
                loop.takeNotes().forEach(log)
            case .invoke(let invocation):
                if isAlone { publish(invocation.traceID) }
                action = loop.finished(handle(invocation, identity, handler))
            case .exit(let code, let message):
                message.map(log)
                return code
            }
        }
    }

    private static func exchange(
        _ requests: [ControlPlaneRequest], _ controlPlane: ControlPlane, _ loop: inout RuntimeLoop
    ) -> RuntimeLoop.Action {
        do {
            var action = loop.received(try controlPlane.send(requests))
            for request in requests.dropFirst() where action == nil {
                action = loop.received(try controlPlane.answer(to: request))
            }
            return action ?? .exit(code: 1, message: "the Runtime API sent too few answers")
        } catch {
            return loop.disconnected(reached: controlPlane.wasReached, reason: error.description)
        }
    }

    /// Lambda leaves it to the runtime to publish the trace where X-Ray clients look for it. A process has one such
    /// place: with several invocations at once, the context alone tells.
    private static func publish(_ traceID: String?) {
        if let traceID {
            setenv("_X_AMZN_TRACE_ID", traceID, 1)
        } else {
            unsetenv("_X_AMZN_TRACE_ID")
        }
    }

    private static func handle(
        _ invocation: Invocation, _ identity: FunctionIdentity, _ handler: EventHandler
    ) -> RuntimeLoop.Outcome {
        let context = LambdaContext(
            requestID: invocation.requestID, invokedFunctionARN: invocation.functionARN,
            traceID: invocation.traceID, deadline: invocation.deadline,
            clientContext: invocation.clientContext, functionName: identity.name,
            functionVersion: identity.version, memoryLimitMB: identity.memoryMB)
        // Output written through stdio must be in the log before the invocation ends.
        defer { fflush(nil) }
        do {
            return .success(try handler(invocation.event, context))
        } catch {
            let report = ErrorReport(error, category: "Function.Unhandled")
            log("\(report.type): \(report.message)")
            return .failure(report)
        }
    }

    private static func exitWithHelp() -> Never {
        let path = CommandLine.arguments.first ?? "function"
        let name = path.split(separator: "/").last.map(String.init) ?? path
        log("\(name) is a Lambda function: it runs where AWS_LAMBDA_RUNTIME_API names a Runtime API.")
        log("Locally: 'emulator invoke \(name)' calls it once, 'emulator start' serves it over HTTP.")
        exit(64)
    }

    /// One write a line: standard error is the function's log and may have several writers.
    private static func log(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
