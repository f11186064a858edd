import Clock
import HTTPTypes
import JSON

/// The JWT authorizer of HTTP APIs ("Control access to HTTP APIs with JWT authorizers"). Beside AWS's RS256, RS384 and
/// RS512 it takes ES256, and issuers by http.
public struct JWTAuthorizer: Sendable {
    public struct Settings: Sendable, Equatable {
        public var issuer: String
        /// One of them has to be in `aud`, or in `client_id` when there is no `aud`.
        public var audience: [String]
        public var identitySource: IdentitySource
        /// Where the keys are, if the issuer's discovery document does not say.
        public var keyURL: String?
        /// A file of the keys, which comes before any address.
        public var keyFile: String?

        public init(
            issuer: String, audience: [String], identitySource: IdentitySource = .header("Authorization"),
            keyURL: String? = nil, keyFile: String? = nil
        ) {
            self.issuer = issuer
            self.audience = audience
            self.identitySource = identitySource
            self.keyURL = keyURL
            self.keyFile = keyFile
        }
    }

    /// Whom a token stands for.
    public struct Caller: Sendable, Equatable {
        /// Strings only: API Gateway hands everything over as text.
        public let claims: JSONObject
        /// Those of the token, when the route wants any; else nil.
        public let scopes: [String]?
    }

    public enum Verdict: Sendable, Equatable {
        case allowed(Caller)
        /// 401, with the value of `www-authenticate`.
        case unauthorized(challenge: String, reason: String)
        /// 403, with the value of `www-authenticate`.
        case forbidden(challenge: String, reason: String)
    }

    let settings: Settings
    private let clock: any WallClock
    private let keys: KeySet

    public init(_ settings: Settings, clock: any WallClock) {
        self.settings = settings
        self.clock = clock
        let source: KeySet.Source? =
            settings.keyFile.map { .file($0) } ?? settings.keyURL.map { .url($0) }
        keys = KeySet(source ?? .issuer(settings.issuer))
    }

    /// - Parameters:
    ///   - identity: the value of the identity source; nil when it is missing.
    ///   - scopes: those of the route, one of which the token needs; empty for none.
    public func verdict(identity: String?, scopes: [String]) async -> Verdict {
        guard let identity else { return .unauthorized(challenge: "Bearer", reason: "no token") }
        do throws(JWTFailure) {
            let claims = try await trusted(Self.bare(identity))
            let granted = Self.scopes(of: claims)
            let texts = JSONObject(claims.map { ($0.key, .string(Self.text($0.value))) })
            guard !scopes.isEmpty else { return .allowed(Caller(claims: texts, scopes: nil)) }
            guard scopes.contains(where: { granted.contains($0) }) else {
                let reason = "the token does not have a valid scope"
                return .forbidden(
                    challenge: Self.challenge("insufficient_scope", reason, scopes: scopes), reason: reason)
            }
            return .allowed(Caller(claims: texts, scopes: granted))
        } catch {
            return .unauthorized(
                challenge: Self.challenge("invalid_token", error.description), reason: error.description)
        }
    }

    private static func challenge(_ error: String, _ description: String, scopes: [String] = []) -> String {
        // What a token says stands in it nowhere, so nothing has to be escaped.
        "Bearer scope=\"\(scopes.joined(separator: " "))\" error=\"\(error)\" error_description=\"\(description)\""
    }

    /// The token, with or without the name of its scheme.
    private static func bare(_ identity: String) -> String {
        let scheme = identity.prefix(7)
        return scheme.lowercased() == "bearer " ? String(identity.dropFirst(7)) : identity
    }

    private func trusted(_ text: String) async throws(JWTFailure) -> JSONObject {
        let token = try JSONWebToken(text)
        guard let algorithm = JWTAlgorithm(rawValue: token.algorithm) else {
            throw JWTFailure("signing method \(Self.printable(token.algorithm)) is invalid")
        }
        let candidates = try await keys.keys(for: token.keyID)
        guard candidates.contains(where: { $0.verifies(token.message, token.signature, algorithm) }) else {
            throw JWTFailure(
                algorithm == .es256 ? "crypto/ecdsa: verification error" : "crypto/rsa: verification error")
        }
        try check(token.claims)
        return token.claims
    }

    private func check(_ claims: JSONObject) throws(JWTFailure) {
        guard claims["iss"]?.string == settings.issuer else { throw JWTFailure("invalid issuer") }
        try checkAudience(claims)
        let now = Double(clock.now.milliseconds) / 1_000
        guard let expiry = claims["exp"]?.double, expiry > now else {
            throw JWTFailure("the token has expired")
        }
        if let start = claims["nbf"] {
            guard let start = start.double, start <= now else {
                throw JWTFailure("the token is not valid yet")
            }
        }
        if let issued = claims["iat"] {
            guard let issued = issued.double, issued <= now else {
                throw JWTFailure("the token was used before it was issued")
            }
        }
    }

    private func checkAudience(_ claims: JSONObject) throws(JWTFailure) {
        let named = claims["aud"] ?? claims["client_id"]
        let audiences = named?.string.map { [$0] } ?? named?.array?.compactMap(\.string) ?? []
        guard audiences.contains(where: { settings.audience.contains($0) }) else {
            throw JWTFailure("the token does not have a valid audience")
        }
    }

    /// `scope`, separated by spaces, and `scp`, the same or a list.
    private static func scopes(of claims: JSONObject) -> [String] {
        [claims["scope"], claims["scp"]].flatMap { claim -> [String] in
            claim?.array?.compactMap(\.string) ?? claim?.string?.split(separator: " ").map(String.init) ?? []
        }
    }

    /// A claim as API Gateway writes it: lists as `[a b]`, maps as `map[a:b]`.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool(let bool): String(bool)
        case .number(let number): number.text
        case .string(let text): text
        case .array(let elements): "[" + elements.map { text($0) }.joined(separator: " ") + "]"
        case .object(let object):
            "map["
                + object.sorted { $0.key < $1.key }.map { "\($0.key):\(text($0.value))" }
                .joined(separator: " ") + "]"
        }
    }

    /// The name of an algorithm is the client's: only what a header may hold of it, and not much.
    private static func printable(_ name: String) -> String {
        String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }.prefix(20))
    }
}
