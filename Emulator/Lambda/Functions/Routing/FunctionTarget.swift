import AWSProtocol

/// The function that a request is about, checked in AWS's order: its region, its shape, its qualifier.
struct FunctionTarget: Sendable {
    /// What AWS quotes differs by operation.
    enum Shape {
        /// GetFunction, Invoke and whatever takes names of earlier times, with dots.
        case namespaced
        case plain

        var maximumLength: Int {
            switch self {
            case .namespaced: 170
            case .plain: 140
            }
        }

        var pattern: String {
            let dot = self == .namespaced ? #"\\."# : ""
            return
                #"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?"#
                + #"(function:)?([a-zA-Z0-9-_"# + dot + #"]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"#
        }
    }

    let name: String
    /// As in the name or in the query; nil when nothing was said.
    let qualifier: String?

    /// - Parameters:
    ///   - text: percent-decoded: a name or one of the ARN forms.
    ///   - qualifier: what the query says.
    init(
        _ text: String, qualifier: String? = nil, shape: Shape = .plain,
        checks given: ShapeChecks = ShapeChecks(),
        _ context: AWSContext
    ) throws(AWSError) {
        let reference = FunctionReference(text)
        if let region = reference?.region, region != context.region {
            throw LambdaError.notFound(
                "Functions from '\(region)' are not reachable in this region ('\(context.region)')")
        }
        if let account = reference?.accountID, account != context.accountID {
            throw LambdaError.accessDenied
        }
        var checks = given
        checks.length(text, at: "functionName", in: 1...shape.maximumLength)
        let fits = reference.map { shape == .namespaced || !$0.name.contains(".") } ?? false
        checks.pattern(text, at: "functionName", shape.pattern, fits: fits)
        if let qualifier {
            checks.length(qualifier, at: "qualifier", in: 1...128)
            checks.pattern(
                qualifier, at: "qualifier", "(|[a-zA-Z0-9$_-]+)",
                fits: qualifier.isEmpty || Patterns.isWord(qualifier, also: "$_-"))
        }
        try checks.finish()
        guard let reference else { throw LambdaError.unknownOperation }
        if let own = reference.qualifier, let qualifier, own != qualifier {
            throw LambdaError.invalidParameter(
                "The derived qualifier from the function name does not match the specified qualifier.")
        }
        name = reference.name
        self.qualifier = qualifier ?? reference.qualifier
    }

    /// The function in the path, with the query's qualifier.
    init(_ request: LambdaRequest, shape: Shape = .plain) throws(AWSError) {
        try self.init(
            request.path("FunctionName"), qualifier: request.query("Qualifier"), shape: shape, request.context
        )
    }
}
