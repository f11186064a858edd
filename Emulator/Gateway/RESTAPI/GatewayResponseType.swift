/// Why a REST API answers a request itself ("Gateway response types for API Gateway").
public enum GatewayResponseType: String, Sendable, CaseIterable {
    case accessDenied = "ACCESS_DENIED"
    case apiConfigurationError = "API_CONFIGURATION_ERROR"
    case authorizerConfigurationError = "AUTHORIZER_CONFIGURATION_ERROR"
    case authorizerFailure = "AUTHORIZER_FAILURE"
    case badRequestBody = "BAD_REQUEST_BODY"
    case badRequestParameters = "BAD_REQUEST_PARAMETERS"
    case default4xx = "DEFAULT_4XX"
    case default5xx = "DEFAULT_5XX"
    case expiredToken = "EXPIRED_TOKEN"
    case integrationFailure = "INTEGRATION_FAILURE"
    case integrationTimeout = "INTEGRATION_TIMEOUT"
    case invalidAPIKey = "INVALID_API_KEY"
    case invalidSignature = "INVALID_SIGNATURE"
    case missingAuthenticationToken = "MISSING_AUTHENTICATION_TOKEN"
    case quotaExceeded = "QUOTA_EXCEEDED"
    case requestTooLarge = "REQUEST_TOO_LARGE"
    case resourceNotFound = "RESOURCE_NOT_FOUND"
    case throttled = "THROTTLED"
    case unauthorized = "UNAUTHORIZED"
    case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
    case wafFiltered = "WAF_FILTERED"

    /// The status unless a gateway response changes it; the two general types have none of their own.
    public var status: Int? {
        switch self {
        case .default4xx, .default5xx: nil
        case .badRequestBody, .badRequestParameters: 400
        case .unauthorized: 401
        case .accessDenied, .expiredToken, .invalidAPIKey, .invalidSignature, .missingAuthenticationToken,
            .wafFiltered:
            403
        case .resourceNotFound: 404
        case .requestTooLarge: 413
        case .unsupportedMediaType: 415
        case .quotaExceeded, .throttled: 429
        case .apiConfigurationError, .authorizerConfigurationError, .authorizerFailure: 500
        case .integrationFailure, .integrationTimeout: 504
        }
    }

    /// The value of `x-amzn-ErrorType`.
    var errorType: String {
        switch self {
        case .accessDenied: "AccessDeniedException"
        case .apiConfigurationError, .integrationFailure, .integrationTimeout, .default5xx:
            "InternalServerErrorException"
        case .authorizerConfigurationError: "AuthorizerConfigurationException"
        case .authorizerFailure: "AuthorizerFailureException"
        case .badRequestBody, .badRequestParameters, .default4xx, .unsupportedMediaType:
            "BadRequestException"
        case .expiredToken: "ExpiredTokenException"
        case .invalidAPIKey, .wafFiltered: "ForbiddenException"
        case .invalidSignature: "InvalidSignatureException"
        case .missingAuthenticationToken: "MissingAuthenticationTokenException"
        case .quotaExceeded: "LimitExceededException"
        case .requestTooLarge: "RequestEntityTooLargeException"
        case .resourceNotFound: "NotFoundException"
        case .throttled: "TooManyRequestsException"
        case .unauthorized: "UnauthorizedException"
        }
    }
}

/// What ends a request before an integration has answered it.
struct RESTFailure: Error {
    let type: GatewayResponseType
    /// Without a gateway response that says otherwise; nil is the type's own.
    var status: Int?
    /// nil is null.
    let message: String?
    var errorType: String?
    /// The member that holds the message in the default template.
    var member = "message"
    /// `$context.error.validationErrorString`.
    var validationError: String?

    init(
        _ type: GatewayResponseType, _ message: String?, status: Int? = nil, errorType: String? = nil,
        member: String = "message", validationError: String? = nil
    ) {
        self.type = type
        self.message = message
        self.status = status
        self.errorType = errorType
        self.member = member
        self.validationError = validationError
    }

    /// A path or stage that the API does not have.
    static let forbidden = RESTFailure(
        .accessDenied, "Forbidden", errorType: "ForbiddenException")
    static let missingToken = RESTFailure(.missingAuthenticationToken, "Missing Authentication Token")
    /// A path that would lead a backend out of the folder that an integration names. AWS's answer is not documented.
    static let badPath = RESTFailure(.default4xx, "Bad Request", status: 400)
    static let tooLarge = RESTFailure(.requestTooLarge, "Request Too Long")
    static let timeout = RESTFailure(.integrationTimeout, "Endpoint request timed out")
    static let configuration = RESTFailure(.apiConfigurationError, "Internal server error")
    /// What a function has returned is no answer, or the function has failed.
    static let malformed = RESTFailure(.default5xx, "Internal server error", status: 502)
    /// The backend gave no answer. 504 by the table of types; the service says 500 unless the type is customised.
    static let integration = RESTFailure(.integrationFailure, "Internal server error", status: 500)
    static let throttled = RESTFailure(.throttled, "Too Many Requests")
    static let quota = RESTFailure(.quotaExceeded, "Limit Exceeded")
    static let apiKey = RESTFailure(.invalidAPIKey, "Forbidden")
    static let mediaType = RESTFailure(.unsupportedMediaType, "Unsupported Media Type")
}

/// `GatewayResponse`: how an API answers for one type.
public struct GatewayResponse: Sendable {
    public var statusCode: Int?
    /// Header name to a quoted constant, `context.x`, `stageVariables.x` or `method.request.{header|querystring|path}.x`.
    public var headers: [(name: String, source: MappingSource)]
    /// Content type to template, in the manifest's order.
    public var templates: [(contentType: String, template: Template)]

    public init(
        statusCode: Int? = nil, headers: [(name: String, source: MappingSource)] = [],
        templates: [(contentType: String, template: Template)] = []
    ) {
        self.statusCode = statusCode
        self.headers = headers
        self.templates = templates
    }
}
