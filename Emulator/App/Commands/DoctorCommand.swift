import Doctor
import JSON
import Net
import StackTemplate

/// `emulator doctor [ZIP|NAME]`: says before a deployment what would not work after it.
enum DoctorCommand: Command {
    static let spec = CommandSpec(
        name: "doctor", summary: "Say what would not work on AWS, and how to mend it.",
        arguments: "[ZIP|NAME]",
        minimumArguments: 0, maximumArguments: 1,
        options: [
            CommonOptions.manifest, StageOptions.packages, CommonOptions.data, CommonOptions.binaries,
            .init("skip-events", "Do not run the functions on their sample events."),
        ] + LambdaOptions.options.filter { ["isolation", "share"].contains($0.name) } + [CommonOptions.json],
        details: """
            Looks at packages (processor, glibc, libraries, permissions, sizes), at the manifest for each stage, and at
            functions: each runs on the events of Tests/Functions/NAME/Events, or on those of 'emulator event', in an
            emulator of its own. What it asks of AWS there, or did under 'emulator start --record', is held against its
            permissions in the manifest. Reading a variable cannot be seen: only variables that a function says it
            lacks are named. With a ZIP, that file alone is looked at. Exits with 1 when there are errors.
            """,
        examples: [
            "emulator doctor", "emulator doctor health --json", "emulator doctor .build/lambda/health.zip",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let findings: [Finding]
        if let name = arguments.positionals.first, name.hasSuffix(".zip") || name.contains("/") {
            guard Files.exists(name) else { throw CommandFailure(.missingInput, "There is no file \(name).") }
            findings = package(name, architecture: architecture(ofZip: name, try? arguments.manifest()))
        } else {
            findings = try await whole(arguments)
        }
        show(findings, json: arguments.wantsJSON)
        return findings.contains { $0.severity == .error } ? .failure : .success
    }

    @EventLoop
    private static func whole(_ arguments: ParsedArguments) async throws -> [Finding] {
        let options = try arguments.emulatorOptions()
        let manifest = options.manifest
        var functions = manifest.functions
        if let name = arguments.positionals.first {
            try FunctionCaller.check(name, in: manifest)
            functions = functions.filter { $0.name == name }
        }
        var findings = stages(manifest)
        let folder = arguments.values["packages"] ?? manifest.directory + "/.build/lambda"
        for function in functions {
            let zip = "\(folder)/\(function.name).zip"
            if Files.exists(zip) {
                findings += package(zip, architecture: architecture(of: function, manifest))
            } else {
                findings.append(
                    Finding(
                        .warning, "function \(function.name)", "It is not packaged: there is no \(zip).",
                        remedy: "Run 'emulator package \(function.name)'."))
            }
            if SampleRuns.callers(of: function.name, manifest).isEmpty {
                findings.append(
                    Finding(
                        .warning, "function \(function.name)", "Nothing in the manifest calls it.",
                        remedy: "Give it a route, an event source or a schedule, or leave it out."))
            }
        }
        var actions = Set(ActionTrace.read(options.data.actions))
        if !arguments.flags.contains("skip-events") {
            findings += try await events(options, functions, &actions)
        }
        let names = Set(functions.map(\.name))
        return findings + PermissionCheck.findings(actions.filter { names.contains($0.function) }, manifest)
    }

    @EventLoop
    private static func events(
        _ options: EmulatorOptions, _ functions: [Manifest.Function], _ actions: inout Set<UsedAction>
    ) async throws -> [Finding] {
        do {
            let outcome = try await SampleRuns(options: options, functions: functions).run()
            actions.formUnion(outcome.actions)
            let count = outcome.counts.values.reduce(0, +)
            Terminal.note("\(count) sample events were given to \(functions.count) functions.")
            return outcome.findings
        } catch let failure as CommandFailure {
            return [
                Finding(
                    .warning, options.manifest.path, "No sample event could be tried: \(failure.message)",
                    remedy: "Mend that, or look at the rest with --skip-events.")
            ]
        }
    }

    /// What cannot be deployed, once for all stages where it is the same.
    private static func stages(_ manifest: Manifest) -> [Finding] {
        var findings: [Finding] = []
        for stage in Stage.Name.allCases {
            do throws(Undeployable) {
                _ = try StageTemplate(manifest: manifest.document, stage: stage, package: { "\($0).zip" })
            } catch {
                let mistake = manifest.error(error)
                let finding = Finding(
                    .error, mistake.line.map { "\(mistake.file):\($0)" } ?? mistake.file, "\(error)",
                    remedy: "Change that part of the manifest; 'emulator deploy' refuses it as it is.")
                if !findings.contains(finding) { findings.append(finding) }
            }
        }
        return findings
    }

    // MARK: - Packages

    private static func package(_ path: String, architecture: String) -> [Finding] {
        do throws(PackageContents.Unreadable) {
            return PackageChecks.findings(
                try PackageContents(reading: path), subject: path, architecture: architecture)
        } catch {
            return [
                Finding(
                    .error, path, "It cannot be read: \(error).",
                    remedy: "Make it again with 'emulator package'.")
            ]
        }
    }

    private static func architecture(of function: Manifest.Function, _ manifest: Manifest) -> String {
        manifest.document["functions"]?[function.name]?["architecture"]?.string
            ?? manifest.document["deployment"]?["architecture"]?.string ?? "x86_64"
    }

    /// A zip that has a function's name is for that function.
    private static func architecture(ofZip path: String, _ manifest: Manifest?) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        guard let manifest, let function = manifest.functions.first(where: { "\($0.name).zip" == file })
        else {
            return manifest?.document["deployment"]?["architecture"]?.string ?? "x86_64"
        }
        return architecture(of: function, manifest)
    }

    // MARK: - Output

    private static func show(_ findings: [Finding], json: Bool) {
        let errors = findings.filter { $0.severity == .error }.count
        let sorted = findings.filter { $0.severity == .error } + findings.filter { $0.severity == .warning }
        if json {
            let list = sorted.map { finding -> JSONValue in
                [
                    "severity": .string(finding.severity.rawValue), "subject": .string(finding.subject),
                    "problem": .string(finding.problem), "remedy": .string(finding.remedy),
                ]
            }
            let document: JSONValue = [
                "findings": .array(list), "errors": .number(.init(errors)),
                "warnings": .number(.init(findings.count - errors)),
            ]
            return Terminal.out(document.encodedString())
        }
        for finding in sorted {
            Terminal.out(
                "\(finding.severity.rawValue): \(finding.subject): \(finding.problem)\n  mend: \(finding.remedy)"
            )
        }
        Terminal.out(
            findings.isEmpty ? "Nothing to mend." : "\(errors) errors, \(findings.count - errors) warnings.")
    }
}
