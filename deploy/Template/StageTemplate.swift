import JSON

/// The AWS SAM template of one stage, made of nothing but the manifest: the same manifest gives the same bytes.
///
/// Functions are `AWS::Serverless::Function`, for SAM's aliases and gradual deployments; everything else is plain
/// CloudFormation, so that a reader finds each setting of the manifest in one place.
public struct StageTemplate: Sendable {
    /// The template as a document.
    public let document: JSONValue
    /// Variables whose values are given at deployment, each with the parameter that carries it.
    public let parameters: [(variable: String, parameter: String)]

    /// - Parameters:
    ///   - manifest: has been validated.
    ///   - package: where the zip of a function lies, relative to the template or absolute.
    ///   - folder: where the folder of a layer lies, for a path of the manifest.
    /// - Throws: ``Undeployable`` for what only one of emulator and AWS can do.
    public init(
        manifest: JSONValue, stage: Stage.Name, package: (String) -> String,
        folder: (String) -> String = { $0 }
    ) throws(Undeployable) {
        try Refusals(manifest: manifest, stage: Stage(stage, of: manifest)).check()
        var builder = try StackBuilder(manifest: manifest, stage: Stage(stage, of: manifest))
        try builder.addParameters()
        try builder.addTables()
        try builder.addQueues()
        try builder.addBuckets()
        try builder.addFunctions(package: package, folder: folder)
        try builder.addEventSources()
        try builder.addSchedules()
        try builder.addHTTPAPI()
        try builder.addRESTAPI()
        try builder.addWebSocketAPI()
        try builder.checkIdentifiers()
        document = builder.document
        parameters = builder.parameters
    }

    /// Values of parameters are known when they are handed over only.
    /// - Parameter environment: where variables of `passEnvironment` are looked up.
    /// - Throws: ``Undeployable`` for an address of this machine.
    public func check(environment: [String: String]) throws(Undeployable) {
        for (variable, _) in parameters where Refusals.isOfThisMachine(environment[variable] ?? "") {
            throw Undeployable(
                ["passEnvironment"],
                "has '\(variable)', whose value here is an address of this machine, which nothing on AWS can reach; set another one, or none."
            )
        }
    }

    /// As `aws cloudformation` takes it.
    public var text: String { document.prettyPrinted() + "\n" }

    /// The stack's name.
    public static func stackName(_ manifest: JSONValue, _ stage: Stage.Name) -> String {
        "\(manifest["service"]?.string ?? "service")-\(stage.rawValue)"
    }
}
