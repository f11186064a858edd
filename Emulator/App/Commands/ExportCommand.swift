import Gateway
import JSON
import Net

/// `emulator export`: an API of the manifest as OpenAPI 3.1.
enum ExportCommand: Command {
    static let spec = CommandSpec(
        name: "export", summary: "Print an API as OpenAPI 3.1 with API Gateway's extensions.", arguments: "",
        minimumArguments: 0, maximumArguments: 0,
        options: [
            CommonOptions.manifest,
            .init("api", "ID", "The API to print. Default: the first of the manifest."),
            .init(
                "stage", "NAME", "The stage whose address stands in the document. Default: the API's first."),
        ],
        details: "", examples: ["emulator export > openapi.json", "emulator export --api mumblews"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let manifest = try arguments.manifest()
        let known = manifest.apis.map(\.id).joined(separator: ", ")
        let wanted = arguments.values["api"]
        guard let api = manifest.apis.first(where: { wanted == nil || $0.id == wanted }) else {
            throw CommandFailure(
                .usage,
                known.isEmpty
                    ? "export: the manifest declares no API."
                    : "--api: there is no API '\(wanted ?? "")'; the manifest has: \(known).")
        }
        if let stage = arguments.values["stage"], !api.stages.contains(where: { $0.name == stage }) {
            let stages = api.stages.map(\.name).joined(separator: ", ")
            throw CommandFailure(.usage, "--stage: there is no stage '\(stage)'; \(api.id) has: \(stages).")
        }
        let export = OpenAPIExport(
            region: manifest.region, accountID: manifest.accountID, hasOwnExtensions: true)
        let document = export.document(api, stage: arguments.values["stage"])
        Terminal.out(JSONValue.object(document).prettyPrinted())
        return .success
    }
}

/// `emulator import`: the manifest's part for an OpenAPI document.
enum ImportCommand: Command {
    static let spec = CommandSpec(
        name: "import", summary: "Print the manifest's part that declares the API of an OpenAPI document.",
        arguments: "FILE", minimumArguments: 1, maximumArguments: 1,
        options: [
            .init("kind", "http|rest|websocket", "The kind of API. Default: what the document looks like.")
        ],
        details: """
            The document is OpenAPI 3.0 or 3.1 in JSON with API Gateway's extensions, as ExportApi, GetExport and
            'emulator export' write it.
            """,
        examples: ["emulator import openapi.json"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let path = arguments.positionals[0]
        let source: [UInt8]
        do {
            source = try Files.readFile(path, limit: ManifestReader.largestFile)
        } catch {
            throw CommandFailure(.missingInput, "\(path) cannot be read (\(error)).")
        }
        let value: JSONValue
        do {
            value = try JSONValue.parse(source)
        } catch {
            throw CommandFailure(
                .invalidData,
                "\(path):\(error.line): this is not JSON: \(error.reason) (column \(error.column)).")
        }
        do {
            let part = try OpenAPIImport(value, kind: try kind(arguments.values["kind"])).manifest()
            Terminal.out(JSONValue.object(part).prettyPrinted())
            return .success
        } catch let failure as OpenAPIImport.Failure {
            throw CommandFailure(.invalidData, "\(path): \(failure)")
        }
    }

    private static func kind(_ text: String?) throws(CommandFailure) -> APIModel.Kind? {
        switch text {
        case nil: return nil
        case "http": return .http
        case "rest": return .rest
        case "websocket": return .webSocket
        case let text?:
            throw CommandFailure(.usage, "--kind has to be http, rest or websocket, not '\(text)'.")
        }
    }
}
