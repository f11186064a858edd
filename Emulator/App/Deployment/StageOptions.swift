import JSON
import Net
import StackTemplate

/// What `emulator deploy` and `emulator diff` are told, and the template that comes of it.
struct StageOptions {
    static let stage = CommandSpec.Option("stage", "STAGE", "dev, staging or prod.")
    static let packages = CommandSpec.Option(
        "packages", "DIR",
        "Where 'emulator package' has put the zips. Default: .build/lambda beside the manifest.")
    static let endpoint = CommandSpec.Option(
        "endpoint-url", "URL", "An emulator's AWS port instead of AWS, such as http://127.0.0.1:4566.")

    let manifest: Manifest
    let stage: Stage.Name
    let packages: String
    let endpoint: String?

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        manifest = try arguments.manifest()
        let known = Stage.Name.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = arguments.values["stage"] else {
            throw CommandFailure(.usage, "Name the stage with --stage: one of \(known).")
        }
        guard let stage = Stage.Name(rawValue: text) else {
            throw CommandFailure(.usage, "--stage has to be one of \(known), not '\(text)'.")
        }
        self.stage = stage
        packages = arguments.values["packages"] ?? manifest.directory + "/.build/lambda"
        endpoint = arguments.values["endpoint-url"]
    }

    /// Names packages as they lie beside the template: the same manifest gives the same bytes on every machine.
    func template() throws -> StageTemplate {
        let directory = manifest.directory
        do {
            return try StageTemplate(
                manifest: manifest.document, stage: stage, package: { "\($0).zip" },
                folder: { $0.hasPrefix("/") ? $0 : Files.rooted(directory + "/" + $0) })
        } catch {
            throw manifest.error(error)
        }
    }

    var stackName: String { StageTemplate.stackName(manifest.document, stage) }
    var templatePath: String { "\(packages)/\(stackName).template.json" }

    func package(_ function: Manifest.Function) -> String { "\(packages)/\(function.name).zip" }

    /// - Throws: a failure that names the first package that is not there.
    func checkPackages() throws(CommandFailure) {
        for function in manifest.functions where !Files.exists(package(function)) {
            throw CommandFailure(
                .missingInput,
                "\(package(function)) is missing; run 'emulator package' first, or name the folder with --packages."
            )
        }
    }
}

extension Manifest {
    /// Where in the file it stands what cannot be deployed.
    func error(_ refusal: Undeployable) -> ManifestError {
        ManifestError(
            file: path, line: JSONLocator.line(of: refusal.path, in: source),
            field: refusal.path.joined(separator: "."), problem: refusal.sentence)
    }
}
