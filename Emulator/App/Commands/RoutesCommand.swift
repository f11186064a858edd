import Gateway
import JSON
import Net

/// `emulator routes`: prints the routes of all APIs, or which route a request or message would take.
enum RoutesCommand: Command {
    static let spec = CommandSpec(
        name: "routes", summary: "Print the routes, or say which one wins for a request.", arguments: "",
        minimumArguments: 0, maximumArguments: 0,
        options: [
            CommonOptions.manifest,
            .init("match", "'METHOD /path'", "Say which route answers this request, and why."),
            .init("api", "ID", "Ask the API with this id. Default: the one that answers what names none."),
            CommonOptions.json,
        ],
        details: """
            A WebSocket API is asked with a message, or with $connect or $disconnect. The path for a REST API begins
            with its stage, as in its URLs.
            """,
        examples: [
            "emulator routes", "emulator routes --match 'GET /api/v1/gallery/42'",
            "emulator routes --match '{\"action\": \"say\"}'",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let manifest = try arguments.manifest()
        guard let request = arguments.values["match"] else {
            printAll(manifest.apis, json: arguments.wantsJSON)
            return .success
        }
        let answer = try RouteQuestion(request, of: manifest, api: arguments.values["api"]).answer()
        if arguments.wantsJSON {
            let document: JSONValue = [
                "api": .string(answer.api), "route": answer.route.map { .string($0) } ?? .null,
                "function": answer.target.map { .string($0) } ?? .null, "why": .string(answer.why),
            ]
            Terminal.out(document.encodedString())
        } else {
            Terminal.out(answer.why)
        }
        return answer.route == nil ? .failure : .success
    }

    private static func printAll(_ apis: [APIModel], json: Bool) {
        if json {
            let routes = apis.flatMap { api in
                api.routes.map { route -> JSONValue in
                    var document: JSONObject = [
                        "api": .string(api.id), "type": .string(api.kind.rawValue),
                        "route": .string(route.key),
                    ]
                    switch route.target {
                    case .function(let name): document.append("function", .string(name))
                    case .url(let url): document.append("url", .string(url))
                    case .mock: document.append("mock", true)
                    }
                    if let authorizer = route.authorizer {
                        document.append("authorizer", .string(authorizer))
                    }
                    return .object(document)
                }
            }
            return Terminal.out(JSONValue.array(routes).encodedString())
        }
        // A service with one API need not be told which.
        let isOne = apis.count <= 1
        let head = (isOne ? [] : ["API"]) + ["METHOD", "PATH", "FUNCTION"]
        let rows = apis.flatMap { api in
            api.routes.map { route -> [String] in
                let place =
                    api.kind == .webSocket
                    ? ["MESSAGE", route.key]
                    : [route.path == nil ? route.key : route.method, route.path ?? ""]
                let behind = route.target.text + (route.authorizer.map { " (authorizer \($0))" } ?? "")
                return (isOne ? [] : [api.id]) + place + [behind]
            }
        }
        Terminal.out(Terminal.table([head] + rows))
    }
}
