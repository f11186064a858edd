import HTTPClient
import HTTPTypes

/// Asks whether a provider answers, without paying for work.
public protocol ProviderProbing: Sendable {
    /// As shown in the health document.
    var name: String { get }
    /// nil when it answers, else why not in one word: `unreachable`, `timeout`, `unauthorized`, `failing` or
    /// `notConfigured`.
    func failure() -> String?
}

/// Sends one small GET. Any answer below 500 proves the way there; 401 and 403 say that work would fail.
public struct HTTPProbe: ProviderProbing {
    public let name: String
    let url: String
    let headers: HTTPHeaders
    let isConfigured: Bool
    /// False when the question is asked without a key, so that a refusal is the expected answer.
    let unauthorizedMeansFailure: Bool
    let http: any HTTPSending

    /// Short, so that a dead provider cannot use up the health function's time.
    static let timeoutMilliseconds = 1500

    public init(
        name: String, url: String, headers: HTTPHeaders, isConfigured: Bool,
        unauthorizedMeansFailure: Bool = true, http: any HTTPSending
    ) {
        self.name = name
        self.url = url
        self.headers = headers
        self.isConfigured = isConfigured
        self.unauthorizedMeansFailure = unauthorizedMeansFailure
        self.http = http
    }

    public func failure() -> String? {
        guard isConfigured, let parts = URLParts(url) else { return "notConfigured" }
        let request = HTTPRequest(method: "GET", target: parts.target, headers: headers)
        do {
            let answer = try http.send(request, to: parts, timeoutMilliseconds: Self.timeoutMilliseconds)
            return failure(status: answer.status)
        } catch {
            if case .timeout = error { return "timeout" }
            return "unreachable"
        }
    }

    private func failure(status: Int) -> String? {
        switch status {
        case 401, 403: unauthorizedMeansFailure ? "unauthorized" : nil
        case 500...: "failing"
        default: nil
        }
    }
}
