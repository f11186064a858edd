/// An authorizer of an HTTP API before it runs.
public enum HTTPAPIAuthorizer: Sendable {
    case jwt(JWTAuthorizer.Settings)
    case lambda(LambdaAuthorizer.Settings, [IdentitySource], RouteSettings.PayloadFormat)
}

/// One that runs.
enum RunningAuthorizer: Sendable {
    case jwt(JWTAuthorizer)
    case lambda(LambdaAuthorizer, [IdentitySource], RouteSettings.PayloadFormat)
}
