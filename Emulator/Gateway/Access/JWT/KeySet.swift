import HTTPClient
import HTTPTypes
import JSON
import Net

/// The keys of an issuer: from its discovery document, from an address, or from a file. They are fetched when they
/// are first needed, off the loop, and kept for two hours, as AWS does; a file is read again when it has changed.
@EventLoop final class KeySet {
    /// Where keys come from.
    enum Source: Sendable, Equatable {
        /// `{issuer}/.well-known/openid-configuration` names the address.
        case issuer(String)
        case url(String)
        case file(String)
    }

    /// Milliseconds of one fetch, and bytes of its answer, as on AWS.
    private nonisolated static let timeout = 1_500
    private nonisolated static let largest = 150_000
    /// After a failure the next one is not tried sooner.
    private nonisolated static let pauseMilliseconds: UInt64 = 1_000

    private let source: Source
    private let lifetimeMilliseconds: UInt64
    private var keys: Result<[PublicKey], JWTFailure>?
    private var expires: UInt64 = 0
    private var stamp: FileStamp?
    private var fetching: Task<Result<[PublicKey], JWTFailure>, Never>?

    nonisolated init(_ source: Source, lifetimeSeconds: Int = 7_200) {
        self.source = source
        lifetimeMilliseconds = UInt64(lifetimeSeconds) * 1_000
    }

    /// The keys that may have signed a token with this `kid`; without one, all of them.
    func keys(for id: String?) async throws(JWTFailure) -> [PublicKey] {
        let all = try await current().get()
        guard let id else { return all }
        let named = all.filter { $0.id == id }
        guard !named.isEmpty else { throw JWTFailure("kid not found in the issuer's key set") }
        return named
    }

    private func current() async -> Result<[PublicKey], JWTFailure> {
        if case .file(let path) = source { return read(path) }
        if let keys, EventLoop.nowMilliseconds < expires { return keys }
        if let fetching { return await fetching.value }
        let source = source
        let task = Task { @EventLoop in
            let result = try? await runBlocking { Self.fetch(source) }
            return result ?? .failure(Self.unreachable)
        }
        fetching = task
        let result = await task.value
        fetching = nil
        keys = result
        let isFailure = if case .failure = result { true } else { false }
        expires = EventLoop.nowMilliseconds + (isFailure ? Self.pauseMilliseconds : lifetimeMilliseconds)
        return result
    }

    private func read(_ path: String) -> Result<[PublicKey], JWTFailure> {
        let now = Files.stamp(path)
        if let keys, now == stamp, now != nil { return keys }
        stamp = now
        let result = Result { () throws(JWTFailure) -> [PublicKey] in
            guard let bytes = try? Files.readFile(path, limit: Self.largest) else { throw Self.unreachable }
            return try Self.keys(in: bytes)
        }
        keys = result
        return result
    }

    private nonisolated static let unreachable = JWTFailure("JWKS communication error")
    private nonisolated static let undiscovered = JWTFailure("OIDC discovery endpoint communication error")

    /// Blocks.
    private nonisolated static func fetch(_ source: Source) -> Result<[PublicKey], JWTFailure> {
        Result { () throws(JWTFailure) -> [PublicKey] in
            let address: String
            switch source {
            case .url(let url): address = url
            case .issuer(let issuer):
                let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
                let document = try get("\(base)/.well-known/openid-configuration", or: undiscovered)
                guard let found = (try? JSONValue.parse(document))?["jwks_uri"]?.string else {
                    throw undiscovered
                }
                address = found
            case .file: throw unreachable
            }
            return try keys(in: try get(address, or: unreachable))
        }
    }

    private nonisolated static func get(_ address: String, or failure: JWTFailure) throws(JWTFailure)
        -> [UInt8]
    {
        guard let url = URLParts(address) else { throw failure }
        var options = HTTPClient.Options(
            connectTimeoutMilliseconds: timeout, readTimeoutMilliseconds: timeout)
        options.maxResponseBytes = largest
        options.maxIdlePerHost = 0
        let request = HTTPRequest(target: url.target, headers: ["accept": "application/json"])
        do {
            let response = try HTTPClient(options: options).send(
                request, to: url, timeoutMilliseconds: timeout)
            guard response.status == 200 else { throw failure }
            return try response.body.readAll()
        } catch {
            throw failure
        }
    }

    private nonisolated static func keys(in document: [UInt8]) throws(JWTFailure) -> [PublicKey] {
        guard let listed = (try? JSONValue.parse(document))?["keys"]?.array else {
            throw JWTFailure("unable to decode the key set")
        }
        return listed.compactMap { PublicKey($0) }
    }
}
