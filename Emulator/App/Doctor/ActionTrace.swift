import Bytes
import HTTPTypes
import JSON
import Net

/// What functions ask AWS services for, function by function.
///
/// A function is known by its access key: while actions are traced, each has one of its own. So a link that it signed
/// counts for it, too, whoever follows it: on AWS its role decides there as well.
@EventLoop
final class ActionTrace {
    private nonisolated static let prefix = "FUNCTION-"
    /// Objects of one bucket are told apart by the folder they are in only.
    private static let mostActions = 10_000

    private(set) var actions: Set<UsedAction>
    private var hasChanged = false
    private let file: String

    /// - Parameter file: what earlier runs have seen.
    nonisolated init(file: String, known: [UsedAction]) {
        self.file = file
        actions = Set(known)
    }

    /// The access key of a function.
    nonisolated static func key(of function: String) -> String { prefix + function }

    /// What was refused before permissions counted is no use of an action; what was refused for lack of one is.
    func note(_ request: HTTPRequest, _ response: HTTPResponse) {
        guard actions.count < Self.mostActions, let function = Self.function(of: request) else { return }
        let isDocument = request.headers["X-Amz-Target"] != nil
        guard !UnjudgedAnswer.isOne(response, isDocument: isDocument) else { return }
        let status = response.status
        let body = isDocument ? request.body.bytes : nil
        let document = body.flatMap { try? JSONValue.parse($0) }
        for need in ActionNames.needs(request, body: document, status: status) {
            let used = UsedAction(
                function: function, action: need.action, kind: need.kind, name: need.name,
                key: need.key.map(Self.folder))
            if actions.insert(used).inserted { hasChanged = true }
        }
    }

    /// `audio/*` of `audio/17.wav`: what a permission would name.
    private static func folder(_ key: String) -> String {
        guard let slash = key.firstIndex(of: "/") else { return "*" }
        return "\(key[..<slash])/*"
    }

    /// By the credential of its signature, in a header or in a link.
    private static func function(of request: HTTPRequest) -> String? {
        let place = request.headers["Authorization"] ?? request.target
        guard let start = place.firstRange(of: "Credential=\(prefix)") else { return nil }
        let name = place[start.upperBound...].prefix {
            $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "_"
        }
        return name.isEmpty ? nil : String(name)
    }

    // MARK: - On disk

    /// Writes down what is new. Called once a second.
    func keep() {
        guard hasChanged else { return }
        hasChanged = false
        let list = actions.sorted { "\($0)" < "\($1)" }.map { used -> JSONValue in
            var entry: JSONObject = [
                "function": .string(used.function), "action": .string(used.action),
                "kind": .string(used.kind),
                "name": .string(used.name),
            ]
            if let key = used.key { entry["key"] = .string(key) }
            return .object(entry)
        }
        do {
            try Files.writeFile(file, JSONValue.array(list).encoded(), mode: 0o600)
        } catch {
            Terminal.note("The actions of functions cannot be written down: \(error)")
        }
    }

    /// What was seen by emulators on a data folder.
    nonisolated static func read(_ file: String) -> [UsedAction] {
        guard let bytes = try? Files.readFile(file, limit: 16 << 20), let list = try? JSONValue.parse(bytes)
        else {
            return []
        }
        return (list.array ?? []).compactMap { entry in
            guard let function = entry["function"]?.string, let action = entry["action"]?.string,
                let kind = entry["kind"]?.string, let name = entry["name"]?.string
            else { return nil }
            return UsedAction(
                function: function, action: action, kind: kind, name: name, key: entry["key"]?.string)
        }
    }
}
