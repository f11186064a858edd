import AWSProtocol
import JSON
import Net

extension LambdaOperation {
    private static let path = "/2017-03-31/tags/{Resource}"

    static let tags = [
        LambdaOperation("TagResource", "POST", path, run: TagResource.run),
        LambdaOperation("UntagResource", "DELETE", path, run: UntagResource.run),
        LambdaOperation("ListTags", "GET", path, run: ListTags.run),
    ]
}

/// Tags, as all of AWS knows them.
enum TagRules {
    private static let mostTags = 50
    private static let longestKey = 128
    private static let longestValue = 256
    private static let pattern =
        #"arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:"#
        + #"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|"#
        + #"code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-"#
        + #"[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"#

    /// - Throws: when one is too long or they are too many.
    static func checked(_ tags: [(String, String)]) throws(AWSError) -> JSONObject {
        for (key, value) in tags {
            guard (1...longestKey).contains(key.unicodeScalars.count) else {
                throw LambdaError.invalidParameter("Tag keys must have 1 to \(longestKey) characters.")
            }
            guard value.unicodeScalars.count <= longestValue else {
                throw LambdaError.invalidParameter(
                    "The value of the tag \(key) has more than \(longestValue) characters.")
            }
            guard !key.lowercased().hasPrefix("aws:") else {
                throw LambdaError.invalidParameter("Tag keys cannot begin with aws: (\(key)).")
            }
        }
        let object = JSONObject(tags.map { ($0.0, .string($0.1)) })
        try checkCount(object)
        return object
    }

    static func checkCount(_ tags: JSONObject) throws(AWSError) {
        guard tags.count <= mostTags else {
            throw LambdaError.invalidParameter("Number of tags exceeds resource tag limit.")
        }
    }

    /// The event source mapping whose ARN a request names; nil when it is of anything else.
    @EventLoop static func mapping(
        _ request: LambdaRequest, _ service: LambdaService
    ) throws(AWSError) -> EventSourceMapping? {
        let parts = request.path("Resource").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[2] == "lambda", parts[5] == "event-source-mapping" else { return nil }
        guard parts[3] == service.configuration.region, parts[4] == service.configuration.accountID else {
            throw LambdaService.noMapping
        }
        return try service.getEventSourceMapping(String(parts[6]))
    }

    /// The function whose ARN a request names.
    static func target(
        _ request: LambdaRequest, _ given: ShapeChecks = ShapeChecks()
    ) throws(AWSError) -> FunctionTarget {
        let arn = request.path("Resource")
        var checks = given
        let reference = FunctionReference(arn)
        let isFull =
            arn.hasPrefix("arn:aws") && arn.contains(":function:") && reference?.region != nil
            && reference?.accountID != nil
        checks.pattern(arn, at: "resource", pattern, fits: isFull)
        try checks.finish()
        let target = try FunctionTarget(arn, request.context)
        guard target.qualifier == nil else {
            throw LambdaError.invalidParameter(
                "Tags on function aliases and versions are not supported. Please specify a function ARN.")
        }
        return target
    }
}
