import HTTPClient
import HTTPTypes
import JSON
import Net

/// What a command may ask of a running emulator.
enum ControlAction: Sendable, Equatable {
    case save(name: String, replacing: Bool)
    case load(name: String)
    case reset
    /// Carries out lifecycle rules as of a moment, in milliseconds since 1970; in one bucket or in all.
    case lifecycle(asOf: Int64, bucket: String?)
    /// How long functions took to start; one or all.
    case coldStarts(function: String?)
    /// Gives up the warm environments of one function or of all.
    case makeCold(function: String?)
    /// How the HTTP backends do.
    case backends
    /// Changes the weight of a split of traffic, begins or ends its rehearsal, or shows it; all of them without a
    /// target.
    case canary(target: String?, percent: Double?, rehearsing: Bool?)

    var json: JSONValue {
        switch self {
        case .save(let name, let replacing):
            ["action": "save", "name": .string(name), "replacing": .bool(replacing)]
        case .load(let name): ["action": "load", "name": .string(name)]
        case .reset: ["action": "reset"]
        case .lifecycle(let moment, let bucket):
            [
                "action": "lifecycle", "asOf": .number(.init(moment)),
                "bucket": bucket.map { .string($0) } ?? .null,
            ]
        case .coldStarts(let function): Self.named("coldStarts", function)
        case .makeCold(let function): Self.named("makeCold", function)
        case .backends: ["action": "backends"]
        case .canary(let target, let percent, let rehearsing):
            [
                "action": "canary", "target": target.map { .string($0) } ?? .null,
                "percent": percent.map { .number(JSONNumber($0)) } ?? .null,
                "rehearsing": rehearsing.map { .bool($0) } ?? .null,
            ]
        }
    }

    private static func named(_ action: String, _ function: String?) -> JSONValue {
        ["action": .string(action), "function": function.map { .string($0) } ?? .null]
    }

    init?(_ json: JSONValue) {
        switch (json["action"]?.string, json["name"]?.string) {
        case ("save", let name?): self = .save(name: name, replacing: json["replacing"]?.bool ?? false)
        case ("load", let name?): self = .load(name: name)
        case ("reset", _): self = .reset
        case ("lifecycle", _):
            guard let moment = json["asOf"]?.int64 else { return nil }
            self = .lifecycle(asOf: moment, bucket: json["bucket"]?.string)
        case ("coldStarts", _): self = .coldStarts(function: json["function"]?.string)
        case ("makeCold", _): self = .makeCold(function: json["function"]?.string)
        case ("backends", _): self = .backends
        case ("canary", _):
            self = .canary(
                target: json["target"]?.string, percent: json["percent"]?.double,
                rehearsing: json["rehearsing"]?.bool)
        default: return nil
        }
    }
}

/// The way from a command to the running emulator: one path of the AWS port that no bucket can have.
struct ControlAPI: Sendable {
    static let path = "/_emulator/control"
    static let tokenHeader = "X-Emulator-Token"

    let token: String
    let perform: @EventLoop @Sendable (ControlAction) async throws -> JSONValue

    func matches(_ request: HTTPRequest) -> Bool { request.target == Self.path }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.method == "POST", request.headers[Self.tokenHeader] == token else {
            return Self.answer(
                403, .usage, "Only the emulator's own commands, run by the same user, may control it.")
        }
        guard let body = request.body.bytes, let json = try? JSONValue.parse(body),
            let action = ControlAction(json)
        else {
            return Self.answer(400, .usage, "The running emulator is of another version; restart it.")
        }
        do {
            return Self.answer(200, .success, "", try await perform(action))
        } catch {
            let failure = FailureTranslator.failure(for: error)
            return Self.answer(500, failure.code, failure.message)
        }
    }

    private static func answer(
        _ status: Int, _ code: ExitCode, _ message: String, _ result: JSONValue = .null
    ) -> HTTPResponse {
        let body: JSONValue = [
            "code": .number(.init(Int(code.rawValue))), "message": .string(message), "result": result,
        ]
        return HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"], body: .bytes(body.encoded()))
    }

    /// Asks the running emulator, and throws what it could not do.
    @discardableResult
    static func send(_ action: ControlAction, to running: DataFolder.Running) async throws -> JSONValue {
        guard let url = URLParts("http://\(running.reachableHost):\(running.awsPort)") else {
            throw CommandFailure(.internalError, "port \(running.awsPort) makes no address.")
        }
        let request = HTTPRequest(
            method: "POST", target: path,
            headers: ["Host": url.hostHeader, tokenHeader: running.token],
            body: .bytes(action.json.encoded()))
        let response: HTTPResponse
        do {
            response = try await runBlocking {
                try HTTPClient(options: .init(readTimeoutMilliseconds: 600_000)).send(request, to: url)
            }
        } catch {
            throw CommandFailure(.unavailable, "The running emulator does not answer: \(error)")
        }
        let json = try? JSONValue.parse(response.body.bytes ?? [])
        guard response.status != 200 else { return json?["result"] ?? .null }
        let code = json?["code"]?.int.flatMap { ExitCode(rawValue: Int32(truncatingIfNeeded: $0)) }
        throw CommandFailure(
            code ?? .failure, json?["message"]?.string ?? "The emulator answered \(response.status).")
    }
}
