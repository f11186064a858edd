import HTTPClient
import HTTPTypes
import JSON
import Net

/// What a command may ask of a running emulator.
enum ControlAction: Sendable, Equatable {
    case save(name: String, replacing: Bool)
    case load(name: String)
    case reset

    var json: JSONValue {
        switch self {
        case .save(let name, let replacing):
            ["action": "save", "name": .string(name), "replacing": .bool(replacing)]
        case .load(let name): ["action": "load", "name": .string(name)]
        case .reset: ["action": "reset"]
        }
    }

    init?(_ json: JSONValue) {
        switch (json["action"]?.string, json["name"]?.string) {
        case ("save", let name?): self = .save(name: name, replacing: json["replacing"]?.bool ?? false)
        case ("load", let name?): self = .load(name: name)
        case ("reset", _): self = .reset
        default: return nil
        }
    }
}

/// The way from a command to the running emulator: one path of the AWS port that no bucket can have.
struct ControlAPI: Sendable {
    static let path = "/_emulator/control"
    static let tokenHeader = "X-Emulator-Token"

    let token: String
    let perform: @EventLoop @Sendable (ControlAction) async throws -> Void

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
            try await perform(action)
            return Self.answer(200, .success, "")
        } catch {
            let failure = FailureTranslator.failure(for: error)
            return Self.answer(500, failure.code, failure.message)
        }
    }

    private static func answer(_ status: Int, _ code: ExitCode, _ message: String) -> HTTPResponse {
        let body: JSONValue = ["code": .number(.init(Int(code.rawValue))), "message": .string(message)]
        return HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"], body: .bytes(body.encoded()))
    }

    /// Asks the running emulator, and throws what it could not do.
    static func send(_ action: ControlAction, to running: DataFolder.Running) async throws {
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
        guard response.status != 200 else { return }
        let json = try? JSONValue.parse(response.body.bytes ?? [])
        let code = json?["code"]?.int.flatMap { ExitCode(rawValue: Int32(truncatingIfNeeded: $0)) }
        throw CommandFailure(
            code ?? .failure, json?["message"]?.string ?? "The emulator answered \(response.status).")
    }
}
