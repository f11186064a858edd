import Clock
import Foundation
import JSON
import Lambda
import Net
import Signing
import Store
import Testing

/// A Lambda service with one function or more, run by a Python bootstrap; its folder goes with it.
struct Workshop: Sendable {
    let folder: String
    let service: LambdaService
    let store: Store

    /// What each test shares; the bootstrap does what the event says.
    static let bootstrap = """
        #!/usr/bin/python3 -SEs
        import json, os, signal, socket, sys, time
        host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
        base = "/2018-06-01/runtime/"
        connection = socket.create_connection((host, int(port)))
        space = os.stat("/proc/self/ns/pid").st_ino
        reader = connection.makefile("rb")

        def call(method, path, body=b"", headers=""):
            head = f"{method} {path} HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Length: {len(body)}\\r\\n{headers}\\r\\n"
            connection.sendall(head.encode() + body)
            return answer()

        def answer():
            status = int(reader.readline().split()[1])
            fields = {}
            while (line := reader.readline().strip()):
                name, _, value = line.decode().partition(":")
                fields[name.lower()] = value.strip()
            return status, fields, reader.read(int(fields.get("content-length", 0)))

        def say(text):
            print(text, flush=True)

        mode = os.environ.get("MODE", "")
        if mode == "init-exit":
            sys.exit(7)
        if mode == "init-error":
            say("cannot start")
            call("POST", base + "init/error", b'{"errorMessage":"no luck","errorType":"Init.Bad"}',
                 "Lambda-Runtime-Function-Error-Type: Runtime.BadInit\\r\\n")
            sys.exit(1)
        if mode == "init-hang":
            time.sleep(60)
        if mode == "init-slow-once":
            flag = os.environ["FLAG"]
            if not os.path.exists(flag):
                open(flag, "w").close()
                time.sleep(60)
        say("initialised")
        count = 0
        while True:
            status, fields, body = call("GET", base + "invocation/next")
            id = fields["lambda-runtime-aws-request-id"]
            event = json.loads(body)
            count += 1
            do = event.get("do") if isinstance(event, dict) else None
            path = base + "invocation/" + id + "/response"
            result = {"event": event, "pid": os.getpid(), "space": space, "count": count}
            if do == "sleep":
                time.sleep(event["seconds"])
            elif do == "exit":
                say("leaving")
                os._exit(event["code"])
            elif do == "signal":
                os.kill(os.getpid(), event["number"])
            elif do == "error":
                result = call("POST", base + "invocation/" + id + "/error",
                              b'{"errorMessage":"bad","errorType":"MyError"}',
                              "Lambda-Runtime-Function-Error-Type: Function.Bad\\r\\n")
                continue
            elif do == "print":
                say("one")
                print("two", file=sys.stderr, flush=True)
                sys.stdout.write("three")
                sys.stdout.flush()
            elif do == "big":
                result = "x" * (event["bytes"] - 2)
            elif do == "environment":
                result = dict(os.environ)
            elif do == "folder":
                folder = os.environ.get("TMPDIR", "/tmp")
                result = [os.getcwd(), os.listdir(folder)]
                open(folder + "/note", "w").close()
                time.sleep(event.get("seconds", 0))
            elif do == "headers":
                fields["now"] = time.time() * 1000
                result = fields
            elif do == "out of order":
                result = [call("POST", base + "invocation/nobody/response", b"1"),
                          call("POST", base + "init/error", b"{}"),
                          call("GET", "/2018-06-01/ping"),
                          call("GET", "/2018-06-01/runtime/restore/next"),
                          call("GET", base + "invocation/next")[1]["lambda-runtime-aws-request-id"] == id,
                          call("POST", path, b'"first"', "Lambda-Runtime-Function-Response-Mode: Streaming\\r\\n")]
                result = [[r[0], r[2].decode()] if isinstance(r, tuple) else r for r in result]
                print(json.dumps(result), flush=True)
                continue
            elif do == "answer twice":
                call("POST", path, b'"first"')
                second = call("POST", path, b'"second"')
                say(json.dumps([second[0], second[2].decode()]))
                continue
            elif do == "answer then exit":
                call("POST", path, b'"answered"')
                os._exit(3)
            elif do == "answer then work":
                call("POST", path, b'"answered"')
                time.sleep(event["seconds"])
                say("worked on")
                continue
            elif do == "child":
                child = os.fork()
                if child == 0:
                    connection.close()
                    time.sleep(60)
                    os._exit(0)
                result = {"pid": child, "space": space}
                say("child " + json.dumps(result))
                if event.get("hang"):
                    time.sleep(60)
            call("POST", path, json.dumps(result).encode())
        """

    /// Each function is described by what differs from the default.
    @EventLoop init(
        _ functions: [FunctionDefinition] = [Workshop.function()],
        configure: (inout LambdaConfiguration) -> Void = { _ in }
    ) throws {
        let folder = NSTemporaryDirectory() + "lambda-" + UUID().uuidString.prefix(8)
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = folder + "/bootstrap"
        try Self.write(Self.bootstrap, to: program, mode: 0o755)
        var configuration = LambdaConfiguration(
            region: "eu-north-1", accountID: "123456789012",
            credentials: Credentials(accessKeyID: "AK", secretAccessKey: "SK", sessionToken: "TK"),
            temporaryDirectory: folder + "/tmp", logDirectory: folder + "/logs")
        configure(&configuration)
        let definitions = functions.map { function in
            var function = function
            if function.executablePath.isEmpty { function.executablePath = program }
            if !function.executablePath.hasPrefix("/") {
                function.executablePath = folder + "/" + function.executablePath
            }
            if function.environment["FLAG"] != nil {
                function.environment["FLAG"] = "/tmp/flag-" + UUID().uuidString
            }
            return function
        }
        let store = try Store.open(at: folder + "/store")
        self.store = store
        service = LambdaService(
            configuration: configuration, functions: definitions, state: LambdaState(store: store))
        service.start()
    }

    static func function(
        _ name: String = "f", executable: String = "", timeout: Int = 5000, concurrency: Int = 5,
        environment: [String: String] = [:]
    ) -> FunctionDefinition {
        FunctionDefinition(
            name: name, executablePath: executable, handler: "the.handler", memoryMB: 256,
            timeoutMilliseconds: timeout, reservedConcurrency: concurrency, environment: environment)
    }

    static func write(_ text: String, to path: String, mode: Int) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Runs a test, and leaves neither process nor file behind however it ends.
    @EventLoop func use(_ body: (Workshop) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await service.shutdown()
            store.close()
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        await service.shutdown()
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Invokes and returns the outcome.
    @EventLoop func call(
        _ event: JSONValue, _ name: String = "f", options: InvokeOptions = InvokeOptions()
    ) async -> InvokeOutcome {
        await service.invoke(name, payload: event.encoded(), options)
    }

    /// The function's log, as it is in the file after a flush.
    @EventLoop func log(_ name: String = "f") async throws -> String {
        await sleep(milliseconds: 150)
        guard FileManager.default.fileExists(atPath: service.functionLogPath(name)) else { return "" }
        return try String(contentsOfFile: service.functionLogPath(name), encoding: .utf8)
    }

    /// How many invocations of a function have begun, by its log.
    @EventLoop func starts(_ name: String = "f") async throws -> Int {
        try await log(name).components(separatedBy: "START RequestId").count - 1
    }
}

extension InvokeOutcome {
    var result: InvokeResult? {
        switch self {
        case .success(let result), .functionError(let result): result
        default: nil
        }
    }
    var text: String { String(decoding: result?.payload ?? [], as: UTF8.self) }
    var json: JSONValue { (try? JSONValue.parse(result?.payload ?? [])) ?? .null }
    var log: String { String(decoding: result?.logTail ?? [], as: UTF8.self) }
    var isSuccess: Bool { if case .success = self { true } else { false } }
    var isFunctionError: Bool { if case .functionError = self { true } else { false } }
    var throttleReason: String? { if case .throttled(let reason) = self { reason } else { nil } }
}

/// Replaces what differs from run to run: numbers with two decimals, and memory.
func masked(_ log: String, requestID: String = "") -> String {
    var text = requestID.isEmpty ? log : log.replacingOccurrences(of: requestID, with: "ID")
    text = text.replacingOccurrences(
        of: #"[0-9]+\.[0-9]{2} ms"#, with: "N ms", options: .regularExpression)
    text = text.replacingOccurrences(
        of: #"Billed Duration: [0-9]+ ms"#, with: "Billed Duration: N ms", options: .regularExpression)
    return text.replacingOccurrences(
        of: #"Max Memory Used: [1-9][0-9]* MB"#, with: "Max Memory Used: N MB", options: .regularExpression)
}

/// The process that a function has told of as `{"pid": 2, "space": 4026531836}`: its number for the machine. 0 when it
/// is gone.
func process(_ told: JSONValue) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for name in names where Int(name) != nil {
        var found = stat()
        guard stat("/proc/\(name)/ns/pid", &found) == 0, Int(found.st_ino) == told["space"]?.int,
            let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") }),
            line.split(separator: "\t").last.flatMap({ Int($0) }) == told["pid"]?.int
        else { continue }
        return Int(name) ?? 0
    }
    return 0
}

func isAlive(_ pid: Int) -> Bool {
    guard pid > 0 else { return false }
    guard kill(pid_t(pid), 0) == 0 else { return false }
    // A zombie that init has not collected yet does not count.
    let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return !status.isEmpty && !status.contains(") Z ")
}
