import JSON
import LambdaEvents

/// What a trigger of a user pool is asked.
public enum CognitoRequest: Sendable {
    case preSignUp(User, validationData: [String: String])
    case postConfirmation(User)
    case preAuthentication(User, validationData: [String: String], userNotFound: Bool)
    case postAuthentication(User, newDeviceUsed: Bool)
    case preTokenGeneration(User, Groups, scopes: [String])
    case customMessage(User, Message)
    case userMigration(password: String, validationData: [String: String])
    case defineAuthChallenge(User, session: [Challenge], userNotFound: Bool)
    case createAuthChallenge(User, session: [Challenge], challengeName: String, userNotFound: Bool)
    case verifyAuthChallenge(User, answer: String, privateParameters: [String: String], userNotFound: Bool)
    /// A message that the function has to deliver itself; `code` is encrypted with the pool's key.
    case customSender(User, type: String, code: String)
    /// Of a trigger without a case of its own, such as `InboundFederation_ExternalProvider`.
    case other(JSONObject)

    /// Whom it is about.
    public struct User: Sendable {
        /// `sub`, `email`, `custom:...`; booleans are the texts `true` and `false`.
        public let attributes: [String: String]
        /// What the application gave along.
        public let clientMetadata: [String: String]

        init(_ request: FieldDecoder) throws(EventDecodingError) {
            attributes = try request.stringMapWithoutNulls("userAttributes")
            clientMetadata = try request.stringMapWithoutNulls("clientMetadata")
        }
    }

    /// The groups that a token will name.
    public struct Groups: Sendable {
        public let groups: [String]
        public let roleARNs: [String]
        public let preferredRole: String?

        init(_ request: FieldDecoder) throws(EventDecodingError) {
            let configuration = try request.optional("groupConfiguration")
            groups = try configuration?.strings("groupsToOverride") ?? []
            roleARNs = try configuration?.strings("iamRolesToOverride") ?? []
            preferredRole = try configuration?.string("preferredRole")
        }
    }

    /// The placeholders that a message of the function's own has to hold.
    public struct Message: Sendable {
        /// Stands for the code, as `{####}`.
        public let codeParameter: String
        public let linkParameter: String?
        public let usernameParameter: String?

        init(_ request: FieldDecoder) throws(EventDecodingError) {
            codeParameter = try request.requiredString("codeParameter")
            linkParameter = try request.string("linkParameter")
            usernameParameter = try request.string("usernameParameter")
        }
    }

    /// A challenge that the user was given before.
    public struct Challenge: Sendable {
        public let name: String
        public let passed: Bool
        public let metadata: String?

        init(_ entry: FieldDecoder) throws(EventDecodingError) {
            name = try entry.requiredString("challengeName")
            passed = try entry.bool("challengeResult") ?? false
            metadata = try entry.string("challengeMetadata")
        }
    }

    init(_ request: FieldDecoder, source: String) throws(EventDecodingError) {
        let trigger = source.prefix { $0 != "_" }
        let user = try User(request)
        let userNotFound = try request.bool("userNotFound") ?? false
        switch trigger {
        case "PreSignUp":
            self = .preSignUp(user, validationData: try request.stringMapWithoutNulls("validationData"))
        case "PostConfirmation": self = .postConfirmation(user)
        case "PreAuthentication":
            self = .preAuthentication(
                user, validationData: try request.stringMapWithoutNulls("validationData"),
                userNotFound: userNotFound)
        case "PostAuthentication":
            self = .postAuthentication(user, newDeviceUsed: try request.bool("newDeviceUsed") ?? false)
        case "TokenGeneration":
            self = .preTokenGeneration(user, try Groups(request), scopes: try request.strings("scopes"))
        case "CustomMessage": self = .customMessage(user, try Message(request))
        case "UserMigration":
            // Asked for a forgotten password, the user has given none.
            self = .userMigration(
                password: try request.string("password") ?? "",
                validationData: try request.stringMapWithoutNulls("validationData"))
        case "DefineAuthChallenge":
            self = .defineAuthChallenge(user, session: try Self.session(request), userNotFound: userNotFound)
        case "CreateAuthChallenge":
            self = .createAuthChallenge(
                user, session: try Self.session(request),
                challengeName: try request.requiredString("challengeName"), userNotFound: userNotFound)
        case "VerifyAuthChallengeResponse":
            self = .verifyAuthChallenge(
                user, answer: try request.requiredString("challengeAnswer"),
                privateParameters: try request.stringMapWithoutNulls("privateChallengeParameters"),
                userNotFound: userNotFound)
        case "CustomEmailSender", "CustomSMSSender":
            self = .customSender(
                user, type: try request.string("type") ?? "", code: try request.requiredString("code"))
        default: self = .other(request.object)
        }
    }

    private static func session(_ request: FieldDecoder) throws(EventDecodingError) -> [Challenge] {
        guard request.value("session") != nil else { return [] }
        var session: [Challenge] = []
        for entry in try request.objects("session") { session.append(try Challenge(entry)) }
        return session
    }
}
