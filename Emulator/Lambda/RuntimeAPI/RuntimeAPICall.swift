/// A call of the Runtime API, version 2018-06-01, found by method and path.
enum RuntimeAPICall: Equatable {
    case next
    case response(requestID: String)
    case error(requestID: String)
    case initError
    case ping
    /// The path is one of ours, its method is another.
    case wrongMethod
    /// Not routed: 404. The paths of SnapStart and of extensions are among these.
    case unknown

    private static let root = "/2018-06-01/"

    init(method: String, path: String) {
        guard path.hasPrefix(Self.root) else {
            self = .unknown
            return
        }
        let rest = path.dropFirst(Self.root.count)
        let (call, expected) = Self.route(rest)
        self = call == .unknown || method == expected ? call : .wrongMethod
    }

    private static func route(_ path: Substring) -> (RuntimeAPICall, method: String) {
        switch path {
        case "runtime/invocation/next": return (.next, "GET")
        case "runtime/init/error": return (.initError, "POST")
        case "ping": return (.ping, "GET")
        default: break
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "runtime", parts[1] == "invocation", !parts[2].isEmpty else {
            return (.unknown, "")
        }
        switch parts[3] {
        case "response": return (.response(requestID: String(parts[2])), "POST")
        case "error": return (.error(requestID: String(parts[2])), "POST")
        default: return (.unknown, "")
        }
    }
}
