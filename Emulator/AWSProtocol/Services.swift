import Glibc
import HTTPTypes
import JSON

/// A service that speaks AWS JSON 1.0: one path, the operation named by `X-Amz-Target`.
///
/// An object, since every step of a request passes its service on.
public final class JSONService: Sendable {
    /// The part of `X-Amz-Target` before the dot, such as `DynamoDB_20120810`.
    public let targetPrefix: String
    /// The service's name in a SigV4 credential scope, and the first label of its host name.
    public let signingName: String
    /// Runs a known operation; its answer is JSON text already.
    public typealias Answer =
        @Sendable (_ operation: String, _ input: JSONInput, _ context: AWSContext) async throws(AWSError) ->
        [UInt8]
    public let answer: Answer
    /// As `answer`, for what waits for nothing; nil leaves a request to `answer`.
    public typealias ImmediateAnswer =
        @Sendable (_ operation: String, _ input: JSONInput) throws(AWSError) -> [UInt8]?
    /// Nil when all operations wait.
    public let immediateAnswer: ImmediateAnswer?
    /// The operations for which `immediateAnswer` is asked.
    let immediateOperations: [String]
    /// Whether the operation exists. An unknown one never reaches `handle`.
    public let knows: @Sendable (_ operation: String) -> Bool
    /// The part of `__type` before `#`, for an error that does not bring its own.
    public let namespace: @Sendable (_ code: String) -> String
    /// The answer to `GET /`; nil when the service has none.
    public let healthText: String?

    public convenience init(
        targetPrefix: String, signingName: String, healthText: String? = nil,
        knows: @escaping @Sendable (_ operation: String) -> Bool,
        namespace: @escaping @Sendable (_ code: String) -> String,
        handle:
            @escaping @Sendable (_ operation: String, _ input: JSONObject, _ context: AWSContext)
            async throws(AWSError) -> JSONValue
    ) {
        self.init(
            targetPrefix: targetPrefix, signingName: signingName, healthText: healthText, knows: knows,
            namespace: namespace,
            answer: { operation, input, context async throws(AWSError) in
                try await handle(operation, input.object(), context).encoded()
            })
    }

    /// A service that writes its answers itself.
    public init(
        targetPrefix: String, signingName: String, healthText: String? = nil,
        knows: @escaping @Sendable (_ operation: String) -> Bool,
        namespace: @escaping @Sendable (_ code: String) -> String, answer: @escaping Answer,
        immediateOperations: [String] = [], immediateAnswer: ImmediateAnswer? = nil
    ) {
        self.targetPrefix = targetPrefix
        self.signingName = signingName
        self.healthText = healthText
        self.knows = knows
        self.namespace = namespace
        self.answer = answer
        self.immediateOperations = immediateOperations
        self.immediateAnswer = immediateAnswer
    }
}

/// The body of a request before it has been read.
public struct JSONInput: Sendable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: SerializationException when the bytes are no JSON object.
    public func object() throws(AWSError) -> JSONObject {
        guard let value = try? JSONValue.parse(bytes, limits: JSONServiceDispatch.limits),
            let object = value.object
        else { throw JSONServiceDispatch.malformed }
        return object
    }
}

extension JSONService {
    /// The same service with answers from elsewhere.
    public func answering(
        _ answer: @escaping Answer, immediately immediateAnswer: @escaping ImmediateAnswer
    ) -> JSONService {
        JSONService(
            targetPrefix: targetPrefix, signingName: signingName, healthText: healthText, knows: knows,
            namespace: namespace, answer: answer, immediateOperations: immediateOperations,
            immediateAnswer: immediateAnswer)
    }

    /// The operation that a value of `X-Amz-Target` names, or nil when it is for another service.
    func operation(in target: String) -> String? {
        var target = target
        return target.withUTF8 { operation(in: UnsafeRawBufferPointer($0)) }
    }

    func operation(in target: UnsafeRawBufferPointer) -> String? {
        var prefix = targetPrefix
        return prefix.withUTF8 { prefix in
            guard target.count > prefix.count, target[prefix.count] == UInt8(ascii: "."),
                let a = target.baseAddress, let b = prefix.baseAddress, memcmp(a, b, prefix.count) == 0
            else { return nil }
            return String(decoding: target[(prefix.count + 1)...], as: UTF8.self)
        }
    }
}

/// A service whose operations are methods and paths: S3 (XML) or Lambda (JSON).
///
/// An object, since every step of a request passes its service on.
public final class RESTService: Sendable {
    /// Decides the signing variant, the wording of authentication failures and the id headers.
    public enum Style: Sendable {
        /// The path is signed as sent; unsigned requests are passed on as anonymous.
        case s3
        /// The path is normalised and encoded twice; unsigned requests are refused.
        case lambda
    }

    /// The service's name in a SigV4 credential scope, and a label of its host name.
    public let signingName: String
    public let style: Style
    /// Whether an otherwise unidentified request (no target, no scope, no telling host) is for this
    /// service. Services are asked in the order they were given to ``AWSEndpoint``.
    public let matches: @Sendable (HTTPRequest) -> Bool
    public let handle: @Sendable (HTTPRequest, AWSContext) async -> HTTPResponse
    /// As `handle`, for what waits for nothing; nil leaves a request to `handle`. Asked for GET and HEAD of what is
    /// below a first segment of the path and has no query.
    public let immediateAnswer: (@Sendable (HTTPRequest, AWSContext) -> HTTPResponse?)?
    /// Judges a request by its head alone, before its body has come; nil when nothing can be said.
    public let admit: @Sendable (_ head: HTTPRequest, AWSContext) -> AWSEndpoint.Admission?
    /// The error of a body that went beyond what `admit` said.
    public let tooLarge: @Sendable (_ head: HTTPRequest, AWSContext) -> AWSError
    /// The names in a query that select what is asked for; Signature Version 2 does not sign all of them.
    public let subresources: Set<String>
    /// Encodes an error found before `handle`, such as a wrong signature.
    public let encodeError: @Sendable (AWSError, HTTPRequest, AWSContext) -> HTTPResponse

    public init(
        signingName: String, style: Style, matches: @escaping @Sendable (HTTPRequest) -> Bool,
        handle: @escaping @Sendable (HTTPRequest, AWSContext) async -> HTTPResponse,
        encodeError: @escaping @Sendable (AWSError, HTTPRequest, AWSContext) -> HTTPResponse,
        admit: @escaping @Sendable (_ head: HTTPRequest, AWSContext) -> AWSEndpoint.Admission? = { _, _ in nil
        },
        tooLarge: @escaping @Sendable (_ head: HTTPRequest, AWSContext) -> AWSError = { _, _ in
            .uploadTooLarge(AWSEndpoint.maxUploadBytes)
        },
        subresources: Set<String> = [],
        immediateAnswer: (@Sendable (HTTPRequest, AWSContext) -> HTTPResponse?)? = nil
    ) {
        self.immediateAnswer = immediateAnswer
        self.signingName = signingName
        self.style = style
        self.matches = matches
        self.handle = handle
        self.encodeError = encodeError
        self.admit = admit
        self.tooLarge = tooLarge
        self.subresources = subresources
    }
}
