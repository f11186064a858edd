import Clock
import JSON
import Net
import Packaging

/// `emulator package [NAME...]`: builds release binaries and writes one zip per function.
enum PackageCommand: Command {
    static let spec = CommandSpec(
        name: "package", summary: "Write one zip per function for Lambda's provided.al2023.",
        arguments: "[NAME...]", minimumArguments: 0, maximumArguments: 100,
        options: [
            CommonOptions.manifest, .init("output", "DIR", "Where the zips go. Default: .build/lambda."),
            .init("skip-build", "Package the release binaries that are there."), CommonOptions.json,
        ],
        details: """
            Each zip holds one static, stripped file 'bootstrap': no Docker, no library, no layer. The same
            sources give the same bytes.
            """,
        examples: ["emulator package", "emulator package health counter --json"])

    struct Line: Sendable {
        let name: String
        let zip: String
        let zippedBytes: Int
        let unzippedBytes: Int
    }

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let manifest = try arguments.manifest()
        let functions = try select(arguments.positionals, from: manifest)
        let output = arguments.values["output"] ?? manifest.directory + "/.build/lambda"
        if !arguments.flags.contains("skip-build") {
            for (index, function) in functions.enumerated() {
                Terminal.note("[\(index + 1)/\(functions.count)] building \(function.name)")
                try await build(function, in: manifest.directory)
            }
        }
        do {
            try Files.makeDirectories(output)
        } catch {
            throw CommandFailure(
                .cannotCreate, "\(output) cannot be made (\(error)); name another one with --output.")
        }
        var lines: [Line] = []
        for function in functions { lines.append(try write(function, manifest: manifest, to: output)) }
        show(lines, json: arguments.wantsJSON)
        return .success
    }

    private static func select(_ names: [String], from manifest: Manifest) throws(CommandFailure)
        -> [Manifest.Function]
    {
        if names.isEmpty { return manifest.functions }
        var chosen: [Manifest.Function] = []
        for name in names {
            guard let function = manifest.function(name) else {
                let known = manifest.functions.map(\.name)
                let hint = Spelling.closest(to: name, among: known).map { " Did you mean '\($0)'?" } ?? ""
                throw CommandFailure(.missingInput, "The manifest has no function '\(name)'.\(hint)")
            }
            chosen.append(function)
        }
        return chosen
    }

    private static func build(_ function: Manifest.Function, in directory: String) async throws {
        let options = ChildProcess.Options(
            executable: "/usr/bin/env",
            arguments: ["swift", "build", "-c", "release", "--product", function.executable],
            environment: ProcessFacts.environment().map { "\($0.key)=\($0.value)" },
            workingDirectory: directory)
        let result = try await ChildProcess.run(
            options, timeoutMilliseconds: 1_800_000, maxOutputBytes: 1 << 20)
        guard result.status.code == 0, result.status.signal == 0 else {
            if result.status.code == 127 {
                throw CommandFailure(
                    .missingInput,
                    "There is no 'swift' on the PATH; install a Swift toolchain from swift.org.")
            }
            Terminal.rawNote(result.output + result.errors)
            throw CommandFailure(
                .failure, "'\(function.executable)' does not build; the compiler's words are above.")
        }
    }

    private static func write(
        _ function: Manifest.Function, manifest: Manifest, to output: String
    ) throws(CommandFailure) -> Line {
        let binary =
            function.executable.contains("/")
            ? manifest.directory + "/" + function.executable
            : manifest.directory + "/.build/release/" + function.executable
        guard Files.isExecutable(binary) else {
            throw CommandFailure(
                .missingInput, "\(binary) is missing; run 'emulator package' without --skip-build.")
        }
        let zip = output + "/\(function.name).zip"
        do {
            let sizes = try FunctionPackage.write(executable: binary, to: zip, extraFiles: [])
            return Line(
                name: function.name, zip: zip, zippedBytes: sizes.zippedBytes,
                unzippedBytes: sizes.unzippedBytes)
        } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
    }

    private static func show(_ lines: [Line], json: Bool) {
        if json {
            let array = lines.map { line -> JSONValue in
                [
                    "function": .string(line.name), "zip": .string(line.zip),
                    "zippedBytes": .number(.init(line.zippedBytes)),
                    "unzippedBytes": .number(.init(line.unzippedBytes)),
                ]
            }
            Terminal.out(JSONValue.array(array).encodedString())
            return
        }
        let rows = lines.map { line in
            [line.name, megabytes(line.zippedBytes), megabytes(line.unzippedBytes), line.zip]
        }
        Terminal.out(Terminal.table([["FUNCTION", "ZIPPED", "UNZIPPED", "ZIP"]] + rows))
    }

    private static func megabytes(_ bytes: Int) -> String { (Double(bytes) / 1_048_576).twoDecimals + " MB" }
}
