import Glibc

/// Several invocations at once: threads, each of which polls, handles and answers on a connection of its own.
enum ServingThreads {
    /// AWS allows 64 invocations per environment and processor; more threads than that help nobody here.
    static let maximum = 1024

    /// - Parameter text: the value of `AWS_LAMBDA_MAX_CONCURRENCY`.
    static func count(_ text: String?) -> Int {
        min(maximum, max(1, text.flatMap { Int($0) } ?? 1))
    }

    /// Serves until the environment ends; whichever thread learns of that ends the process. Returns the exit code
    /// that the calling thread came to.
    static func serve(
        _ count: Int, endpoint: String, _ loop: RuntimeLoop, _ makeHandler: () throws -> EventHandler
    ) -> Int32 {
        guard let controlPlane = ControlPlane(endpoint: endpoint) else { return 64 }
        var handlers: [EventHandler] = []
        do {
            for _ in 0..<count { handlers.append(try makeHandler()) }
        } catch {
            return LambdaRuntime.serve(controlPlane, loop) { throw error }
        }
        // What cannot be started is missed by nobody: the others serve.
        for handler in handlers.dropFirst() { _ = start(Work(endpoint, loop, handler)) }
        return LambdaRuntime.serve(controlPlane, loop, isAlone: false) { handlers[0] }
    }

    /// What one thread serves.
    private final class Work {
        private let endpoint: String
        private let loop: RuntimeLoop
        private let handler: EventHandler

        init(_ endpoint: String, _ loop: RuntimeLoop, _ handler: @escaping EventHandler) {
            self.endpoint = endpoint
            self.loop = loop
            self.handler = handler
        }

        func run() -> Never {
            guard let controlPlane = ControlPlane(endpoint: endpoint) else { exit(64) }
            exit(LambdaRuntime.serve(controlPlane, loop, isAlone: false) { handler })
        }
    }

    private static func start(_ work: Work) -> Bool {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        // The new thread alone has the work from here on.
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
            }, argument.toOpaque())
        if code != 0 { argument.release() }
        return code == 0
    }
}
