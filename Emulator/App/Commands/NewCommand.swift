import JSON
import Net

/// `emulator new NAME`: adds a handler that builds, is routed and has tests.
enum NewCommand: Command {
    static let spec = CommandSpec(
        name: "new", summary: "Add a handler with its route and tests.", arguments: "NAME",
        minimumArguments: 1,
        maximumArguments: 1,
        options: [
            .init("route", "'METHOD /path'", "Where it is called. Default: 'GET /api/v1/NAME'."),
            CommonOptions.manifest, CommonOptions.json,
        ],
        details: """
            Makes Functions/NAME and Tests/Functions/NAME, adds a line to Package.swift and a function with its route to
            the manifest. NAME is written as in 'orderStatus'. Nothing is overwritten, and if anything does not fit,
            nothing is changed.
            """,
        examples: ["emulator new greet", "emulator new orderStatus --route 'GET /api/v1/orders/{orderId}'"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let name = try HandlerName(arguments.positionals[0])
        let (method, path) = try route(arguments.values["route"], name)
        let manifestPath = arguments.values["manifest"] ?? "serverless-manifest.json"
        let directory = manifestPath.lastIndex(of: "/").map { String(manifestPath[..<$0]) } ?? "."
        let scaffold = Scaffold(
            directory: directory, manifestPath: manifestPath,
            template: HandlerTemplate(name: name, method: method, path: path))
        let files = try scaffold.write()
        show(files, name, "\(method) \(Scaffold.prefix)\(path)", directory, arguments)
        return .success
    }

    private static func route(
        _ text: String?, _ name: HandlerName
    ) throws(CommandFailure) -> (method: String, path: String) {
        guard let text else { return ("GET", "/\(name.function)") }
        let parts = text.split(separator: " ").map { String($0) }
        guard parts.count == 2, ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(parts[0]),
            parts[1].hasPrefix(Scaffold.prefix + "/"), parts[1].count > Scaffold.prefix.count + 1,
            !parts[1].contains("\""), !parts[1].contains("\\")
        else {
            throw CommandFailure(
                .usage,
                "--route wants a method and a path below \(Scaffold.prefix): --route 'GET \(Scaffold.prefix)/\(name.function)'."
            )
        }
        return (parts[0], String(parts[1].dropFirst(Scaffold.prefix.count)))
    }

    private static func show(
        _ files: [String], _ name: HandlerName, _ route: String, _ directory: String,
        _ arguments: ParsedArguments
    ) {
        if arguments.wantsJSON {
            let document: JSONValue = [
                "function": .string(name.function), "module": .string(name.module), "route": .string(route),
                "files": .array(files.map { .string($0) }),
                "changed": [
                    "Package.swift", .string(arguments.values["manifest"] ?? "serverless-manifest.json"),
                ],
            ]
            return Terminal.out(document.encodedString())
        }
        let parts = route.split(separator: " ").map { String($0) }
        let address = parts[1].split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
        let call =
            "curl \(parts[0] == "GET" ? "" : "-X \(parts[0]) ")"
            + "'http://127.0.0.1:3000/\(address.joined(separator: "/"))?name=Ada'"
        var next = [
            ["  swift test --filter \(name.module)", "runs its tests"],
            ["  swift build --product \(name.function)", "builds it alone"],
            ["  emulator start --watch", "serves it; then: \(call)"],
            ["  Functions/\(name.module)/\(name.module)Rules.swift", "is where it decides: begin there"],
        ]
        if Files.fileSize("\(directory)/docs/openapi.yaml") != nil {
            next.append(["  docs/openapi.yaml, docs/API.md", "name every route: describe this one, too"])
        }
        Terminal.out(
            """
            Added '\(name.function)' at \(route):
              \(files.joined(separator: "\n  "))
              Package.swift and the manifest know it.

            Next:
            \(Terminal.table(next))
            """)
    }
}
