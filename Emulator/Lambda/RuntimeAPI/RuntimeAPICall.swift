import Bytes
import Glibc

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
        var path = path
        return path.withUTF8 { routeOfInvocation($0) }
    }

    /// `/2018-06-01/runtime/invocation/ID/response`, and the same with `error`.
    private static func routeOfInvocation(
        _ path: UnsafeBufferPointer<UInt8>
    ) -> (RuntimeAPICall, method: String) {
        let prefix: StaticString = "/2018-06-01/runtime/invocation/"
        let start = prefix.utf8CodeUnitCount
        guard path.count > start, let base = path.baseAddress, memcmp(base, prefix.utf8Start, start) == 0,
            let slash = path[start...].firstIndex(of: UInt8(ascii: "/")), slash > start
        else { return (.unknown, "") }
        let requestID = String(mostlyASCII: UnsafeBufferPointer(rebasing: path[start..<slash]))
        if path[(slash + 1)...].elementsEqual("response".utf8) {
            return (.response(requestID: requestID), "POST")
        }
        if path[(slash + 1)...].elementsEqual("error".utf8) { return (.error(requestID: requestID), "POST") }
        return (.unknown, "")
    }
}
