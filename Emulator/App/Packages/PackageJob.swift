import Glibc
import Net
import Packaging

/// Writes the zips of built functions, as many at once as the machine has processors, then starts each
/// function alone to measure it.
struct PackageJob: Sendable {
    let manifest: Manifest
    /// The folder of the zips.
    let output: String
    /// The environment of the command.
    let host: [String: String]
    let unwinding: StrippedProgram.Unwinding
    let measures: Bool

    private struct Done: Sendable {
        var report: PackageReport
        /// As it is in the zip.
        let program: [UInt8]
    }

    /// In the order of `functions`.
    @EventLoop func run(_ functions: [Manifest.Function]) async throws -> [PackageReport] {
        let workers = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), functions.count)
        let programs = try functions.map { try binary(of: $0) }
        var done: [Int: Done] = [:]
        try await withThrowingTaskGroup(of: (Int, Done).self) { group in
            var next = 0
            func startNext() {
                guard next < functions.count else { return }
                let (number, function, program) = (next, functions[next], programs[next])
                next += 1
                Terminal.note("[\(number + 1)/\(functions.count)] packing \(function.name)")
                group.addTask { (number, try await runBlocking { try pack(function, program) }) }
            }
            for _ in 0..<workers { startNext() }
            while let (number, result) = try await group.next() {
                done[number] = result
                startNext()
            }
        }
        var reports: [PackageReport] = []
        for (number, function) in functions.enumerated() {
            guard var one = done[number] else { continue }
            if measures {
                Terminal.note("[\(number + 1)/\(functions.count)] starting \(function.name)")
                one.report.initTime = try await measure(function, one.program)
            }
            reports.append(one.report)
        }
        return reports
    }

    /// The release binary; one that was built for the debugger is not packaged by mistake.
    private func binary(of function: Manifest.Function) throws(CommandFailure) -> String {
        let finder = BinaryFinder(
            manifestDirectory: manifest.directory, override: manifest.directory + "/.build/release")
        let path = finder.candidates(for: function, manifestDirectory: manifest.directory).first ?? ""
        guard Files.isExecutable(path) else {
            throw CommandFailure(
                .missingInput,
                function.executable.contains("/")
                    ? "\(path) is missing or not executable; build it, or correct \"executable\" of '\(function.name)'."
                    : "\(path) is missing; run 'emulator package' without --skip-build.")
        }
        return path
    }

    private func pack(_ function: Manifest.Function, _ program: String) throws(CommandFailure) -> Done {
        let zip = output + "/\(function.name).zip"
        // Programs with a path come from elsewhere: they may unwind their stack, as C++ and Rust do.
        let unwinding: StrippedProgram.Unwinding? = function.executable.contains("/") ? nil : unwinding
        do throws(PackagingError) {
            let written = try FunctionPackage.write(executable: program, to: zip, unwinding: unwinding)
            return Done(
                report: PackageReport(
                    function: function.name, zip: zip, zippedBytes: written.zippedBytes,
                    unzippedBytes: written.unzippedBytes, program: try? ELFFile(bytes: written.program)),
                program: written.program)
        } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
    }

    @EventLoop private func measure(
        _ function: Manifest.Function, _ program: [UInt8]
    ) async throws(CommandFailure) -> InitMeter.Reading {
        do throws(FileError) {
            let folder = try Files.makeTemporaryDirectory(in: host["TMPDIR"] ?? "/tmp")
            defer { Files.removeTree(folder) }
            try Files.writeFile(folder + "/bootstrap", program, mode: 0o755)
            let meter = InitMeter(function: function) { [manifest, host] port in
                FunctionEnvironment(manifest: manifest, awsPort: port, host: host).variables(for: function)
            }
            return await meter.measure(folder + "/bootstrap", in: folder)
        } catch {
            return .failed("\(error)")
        }
    }
}
