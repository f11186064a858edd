import HTTPClient
import HTTPTypes

/// The connection to the Runtime API: one, kept for the life of the process, and blocking without any
/// timeout, since a poll may last for hours and Lambda freezes the process meanwhile.
final class ControlPlane {
    private let host: String
    private let port: Int
    private let hostHeader: String
    private var connection: HTTPConnection?
    /// Whether a connection was ever made.
    private(set) var wasReached = false

    /// - Parameter endpoint: `host:port` as in AWS_LAMBDA_RUNTIME_API. Nil when malformed.
    init?(endpoint: String) {
        guard let url = URLParts("http://\(endpoint)") else { return nil }
        host = url.host
        port = url.port
        hostHeader = url.hostHeader
    }

    /// Sends `requests` in one write and returns the answer to the first one.
    ///
    /// A kept connection that turns out dead is replaced once: servers may close after a response.
    func send(_ requests: [ControlPlaneRequest]) throws(HTTPClientError) -> ControlPlaneResponse {
        var bytes: [UInt8] = []
        for request in requests { request.encode(into: &bytes, host: hostHeader) }
        if let kept = connection {
            do {
                return try exchange(bytes, requests[0], on: kept)
            } catch .closed where !kept.hasStartedResponse {
                connection = nil
            }
        }
        let limits = ResponseParser.Limits(bodyBytes: 64 << 20)
        let fresh = try HTTPConnection.plain(host: host, port: port, limits: limits, deadline: nil)
        wasReached = true
        connection = fresh
        return try exchange(bytes, requests[0], on: fresh)
    }

    /// The answer to a request that was sent behind another one. If the connection did not survive
    /// the first answer, the request goes out again on a new one.
    func answer(to request: ControlPlaneRequest) throws(HTTPClientError) -> ControlPlaneResponse {
        guard let connection else { return try send([request]) }
        do {
            return try read(request, on: connection)
        } catch .closed where !connection.hasStartedResponse {
            self.connection = nil
            return try send([request])
        }
    }

    private func exchange(
        _ bytes: [UInt8], _ request: ControlPlaneRequest, on connection: HTTPConnection
    ) throws(HTTPClientError) -> ControlPlaneResponse {
        connection.begin(method: request.method)
        do {
            try connection.write(bytes, deadline: nil)
        } catch .closed {
            // A server that refuses a large result may answer and close before it has read it all.
            self.connection = nil
            return ControlPlaneResponse(try connection.readResponse(), to: request)
        }
        return try read(request, on: connection, begun: true)
    }

    private func read(
        _ request: ControlPlaneRequest, on connection: HTTPConnection, begun: Bool = false
    ) throws(HTTPClientError) -> ControlPlaneResponse {
        if !begun { connection.begin(method: request.method) }
        let response = try connection.readResponse()
        if !connection.keepsAlive { self.connection = nil }
        return ControlPlaneResponse(response, to: request)
    }
}
