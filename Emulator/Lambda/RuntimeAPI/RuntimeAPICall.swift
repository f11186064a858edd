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

    init(method: String, path: String) {
        let (call, expected) = Self.route(path)
        self = call == .unknown || method == expected ? call : .wrongMethod
    }

    private static func route(_ path: String) -> (RuntimeAPICall, method: String) {
        switch path {
        case "/2018-06-01/runtime/invocation/next": return (.next, "GET")
        case "/2018-06-01/runtime/init/error": return (.initError, "POST")
        case "/2018-06-01/ping": return (.ping, "GET")
        default: break
        }
        let prefix = "/2018-06-01/runtime/invocation/".utf8
        let rest = path.utf8.dropFirst(prefix.count)
        guard path.utf8.starts(with: prefix), let slash = rest.firstIndex(of: UInt8(ascii: "/")),
            slash > rest.startIndex
        else { return (.unknown, "") }
        let requestID = String(Substring(rest[..<slash]))
        switch Substring(rest[rest.index(after: slash)...]) {
        case "response": return (.response(requestID: requestID), "POST")
        case "error": return (.error(requestID: requestID), "POST")
        default: return (.unknown, "")
        }
    }
}
