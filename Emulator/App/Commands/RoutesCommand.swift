import Gateway
import JSON
import Net

/// `emulator routes`: prints the route table, or which route a request would take.
enum RoutesCommand: Command {
    static let spec = CommandSpec(
        name: "routes", summary: "Print the routes, or say which one wins for a request.", arguments: "",
        minimumArguments: 0, maximumArguments: 0,
        options: [
            CommonOptions.manifest,
            .init("match", "'METHOD /path'", "Say which route answers this request, and why."),
            CommonOptions.json,
        ],
        details: "", examples: ["emulator routes", "emulator routes --match 'GET /api/v1/gallery/42'"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let manifest = try arguments.manifest()
        guard let request = arguments.values["match"] else {
            printAll(manifest, json: arguments.wantsJSON)
            return .success
        }
        let parts = request.split(separator: " ").map(String.init)
        guard parts.count == 2, parts[1].hasPrefix("/") else {
            throw CommandFailure(.usage, "--match wants a method and a path: --match 'GET /api/v1/health'.")
        }
        return try explain(method: parts[0], path: parts[1], manifest: manifest, json: arguments.wantsJSON)
    }

    private static func printAll(_ manifest: Manifest, json: Bool) {
        if json {
            let routes = manifest.routes.map { route -> JSONValue in
                ["route": .string(route.key), "function": .string(route.function)]
            }
            Terminal.out(JSONValue.array(routes).encodedString())
            return
        }
        let rows = manifest.routes.map { route -> [String] in
            let parts = route.key.split(separator: " ", maxSplits: 1).map(String.init)
            return [parts[0], parts.count > 1 ? parts[1] : "", route.function]
        }
        Terminal.out(Terminal.table([["METHOD", "PATH", "FUNCTION"]] + rows))
    }

    private static func explain(method: String, path: String, manifest: Manifest, json: Bool) throws
        -> ExitCode
    {
        let table = try RouteTable(routes: manifest.routes)
        let match = table.match(method: method, path: path)
        if json {
            let document: JSONValue = [
                "route": match.map { .string($0.route.key) } ?? .null,
                "function": match.map { .string($0.route.function) } ?? .null,
                "why": .string(table.explain(method: method, path: path)),
            ]
            Terminal.out(document.encodedString())
        } else {
            Terminal.out(table.explain(method: method, path: path))
        }
        return match == nil ? .failure : .success
    }
}
