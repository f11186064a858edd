import Glibc
import Net

/// How a version is run here: what takes the place of AWS's runtimes.
enum RuntimeChoice {
    #if arch(arm64)
        static let ownArchitecture = "arm64"
    #else
        static let ownArchitecture = "x86_64"
    #endif

    /// Sets the program that is started for a version, or why there is none.
    /// - Parameter opt: folder of the merged layers.
    @EventLoop static func choose(
        for version: VersionRecord, opt: String?, in definition: inout FunctionDefinition,
        _ service: LambdaService
    ) async {
        let runtime = version.runtime
        if version.architecture != ownArchitecture {
            definition.problem = .notExecutable("exec format error")
        } else if runtime.hasPrefix("provided") {
            if let opt, access(definition.executablePath, F_OK) != 0, access("\(opt)/bootstrap", F_OK) == 0 {
                definition.executablePath = "\(opt)/bootstrap"
            }
        } else if runtime.hasPrefix("python3") {
            switch await service.pythonRuntime.program(hostEnvironment: service.neighbours.hostEnvironment) {
            case .success(let python):
                definition.executablePath = python.path
                definition.sharedFolders = python.folders
                definition.environment["AWS_EXECUTION_ENV"] = "AWS_Lambda_\(runtime)"
                // Layers bring packages in `python`, as on AWS.
                if let opt, definition.environment["PYTHONPATH"] == nil {
                    let opt = service.isolation.hasOwnFiles ? "/opt" : opt
                    definition.environment["PYTHONPATH"] =
                        "\(opt)/python:\(opt)/python/lib/\(runtime)/site-packages"
                }
            case .failure(let missing):
                definition.problem = PlatformError(
                    type: "Runtime.NotAvailable",
                    message: "The runtime \(runtime) cannot run here: \(missing.what)")
            }
        } else {
            definition.problem = PlatformError(
                type: "Runtime.NotAvailable",
                message: "The runtime \(runtime) is not available in this emulator. It runs provided.al2023, "
                    + "provided.al2, and python3.x where awslambdaric is installed.")
        }
    }
}

/// Python by AWS's own runtime interface client: the package `awslambdaric` of an interpreter on this machine.
@EventLoop final class PythonRuntime {
    struct Missing: Error { let what: String }

    /// What stands for AWS's bootstrap, and the folders of the interpreter and its packages.
    struct Program {
        let path: String
        let folders: [String]
    }

    /// The variable that names another interpreter than `python3` on the path.
    static let variable = "MUMBLE_PYTHON"
    private static let patienceMilliseconds = 30_000

    private let folder: String
    private var found: Result<Program, Missing>?

    init(folder: String) { self.folder = folder }

    /// The program that stands for AWS's bootstrap of Python. What is missing is looked for again each time.
    func program(hostEnvironment: [String: String]) async -> Result<Program, Missing> {
        if case .success? = found { return found ?? .failure(Missing(what: "")) }
        let result = await look(hostEnvironment)
        found = result
        return result
    }

    private func look(_ environment: [String: String]) async -> Result<Program, Missing> {
        guard let python = Self.interpreter(environment) else {
            return .failure(Missing(what: "there is no python3 on the path. Name one by \(Self.variable)."))
        }
        let options = ChildProcess.Options(
            executable: python,
            arguments: [
                "-c",
                "import awslambdaric, sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')",
            ],
            environment: environment.map { "\($0.key)=\($0.value)" })
        let hint = "Install it with: \(python) -m pip install awslambdaric"
        let output: [UInt8]
        do {
            let run = try await ChildProcess.run(
                options, timeoutMilliseconds: Self.patienceMilliseconds, maxOutputBytes: 65_536)
            guard run.status.code == 0, run.status.signal == 0 else {
                return .failure(Missing(what: "\(python) has no package awslambdaric. \(hint)"))
            }
            output = run.output
        } catch {
            return .failure(Missing(what: "\(python) could not be started: \(error)"))
        }
        // What a launcher started is what runs functions: their environment is not the launcher's.
        let lines = output.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
        let real = lines.first ?? ""
        let path = "\(folder)/python"
        do {
            try Files.makeDirectories(folder)
            try Files.writeFile(path, Array(Self.script(real.isEmpty ? python : real).utf8), mode: 0o755)
        } catch {
            return .failure(Missing(what: "\(error)"))
        }
        return .success(Program(path: path, folders: Array(lines.dropFirst())))
    }

    private static func interpreter(_ environment: [String: String]) -> String? {
        if let named = environment[variable], !named.isEmpty { return named }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/python3"
            if Files.isExecutable(path) { return path }
        }
        return nil
    }

    /// The function's own modules come before those of layers.
    private static func script(_ python: String) -> String {
        let quoted = python.split(separator: "'", omittingEmptySubsequences: false).joined(
            separator: #"'\''"#)
        return """
            #!/bin/sh
            PYTHONPATH="$LAMBDA_TASK_ROOT${PYTHONPATH:+:$PYTHONPATH}"
            PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
            export PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
            cd "$LAMBDA_TASK_ROOT" 2>/dev/null
            exec '\(quoted)' -m awslambdaric "$_HANDLER"

            """
    }
}
