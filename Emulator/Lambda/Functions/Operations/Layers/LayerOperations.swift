import AWSProtocol
import Bytes
import JSON
import Net

extension LambdaOperation {
    private static let path = "/2018-10-31/layers"
    private static let versionPath = path + "/{LayerName}/versions/{VersionNumber}"

    static let layers = [
        LambdaOperation(
            "GetLayerVersionByArn", "GET", path + "?find=LayerVersion", run: GetLayerVersionByArn.run),
        LambdaOperation("ListLayers", "GET", path, run: ListLayers.run),
        LambdaOperation(
            "PublishLayerVersion", "POST", path + "/{LayerName}/versions", run: PublishLayerVersion.run),
        LambdaOperation(
            "ListLayerVersions", "GET", path + "/{LayerName}/versions", run: ListLayerVersions.run),
        LambdaOperation("GetLayerVersion", "GET", versionPath, run: GetLayerVersion.run),
        LambdaOperation("DeleteLayerVersion", "DELETE", versionPath, run: DeleteLayerVersion.run),
        LambdaOperation(
            "AddLayerVersionPermission", "POST", versionPath + "/policy", run: AddLayerVersionPermission.run),
        LambdaOperation(
            "GetLayerVersionPolicy", "GET", versionPath + "/policy", run: GetLayerVersionPolicy.run),
        LambdaOperation(
            "RemoveLayerVersionPermission", "DELETE", versionPath + "/policy/{StatementId}",
            run: RemoveLayerVersionPermission.run),
    ]
}

/// The layer, and perhaps its version, that a request's path names.
struct LayerTarget {
    let name: String
    let number: Int

    /// - Throws: `ValidationException` for what is no layer's name; AWS's words for numbers below 1.
    init(_ request: LambdaRequest, checks given: ShapeChecks = ShapeChecks()) throws(AWSError) {
        name = try Self.name(request, given)
        guard let text = request.parameters["VersionNumber"] else {
            number = 0
            return
        }
        guard let number = Int(text) else {
            throw LambdaError.serialization("STRING_VALUE can not be converted to a Long")
        }
        guard number >= 1 else { throw LambdaError.invalidParameter("Layer Version Cannot be less than 1") }
        self.number = number
    }

    private static func name(_ request: LambdaRequest, _ given: ShapeChecks) throws(AWSError) -> String {
        let text = request.path("LayerName")
        let reference = LayerReference(text)
        var checks = given
        checks.pattern(
            text, at: "layerName", LayerReference.pattern, fits: reference != nil && reference?.version == nil
        )
        try checks.finish()
        guard let reference else { throw LambdaError.unknownOperation }
        if let region = reference.region, region != request.context.region {
            throw LambdaError.notFound("The resource you requested does not exist.")
        }
        if let account = reference.accountID, account != request.context.accountID {
            throw LambdaError.accessDenied
        }
        return reference.name
    }
}

extension LambdaService {
    func layerARN(_ name: String, _ number: Int? = nil) -> String {
        "arn:aws:lambda:\(configuration.region):\(configuration.accountID):layer:\(name)"
            + (number.map { ":\($0)" } ?? "")
    }

    /// What all answers tell of a layer's version.
    func layerJSON(_ name: String, _ version: LayerVersionRecord) -> JSONObject {
        var object: JSONObject = [
            "LayerVersionArn": .string(layerARN(name, version.number)),
            "Version": .number(JSONNumber(version.number)),
        ]
        for (key, value) in version.settings { object.append(key, value) }
        object.append("CreatedDate", .string(version.created.lambdaText))
        return object
    }

    /// As PublishLayerVersion and GetLayerVersion tell it.
    func fullLayerJSON(_ name: String, _ version: LayerVersionRecord, _ request: LambdaRequest) -> JSONObject
    {
        var object: JSONObject = [
            "Content": [
                "Location": .string(location(of: version.code, request)),
                "CodeSha256": .string(Base64.encode(Hex.decode(version.code.digest) ?? [])),
                "CodeSize": .number(JSONNumber(version.code.size)),
            ],
            "LayerArn": .string(layerARN(name)),
        ]
        for (key, value) in layerJSON(name, version) { object.append(key, value) }
        return object
    }

    /// Versions that fit what a list is asked for, newest first.
    func layerVersions(
        _ layer: LayerRecord, runtime: String?, architecture: String?
    ) -> [LayerVersionRecord] {
        layer.versions.values.filter { version in
            func fits(_ key: String, _ wanted: String?) -> Bool {
                guard let wanted else { return true }
                return version.settings[key]?.array?.contains(.string(wanted)) ?? false
            }
            return !version.isHidden && fits("CompatibleRuntimes", runtime)
                && fits("CompatibleArchitectures", architecture)
        }.sorted { $0.number > $1.number }
    }
}

enum LayerTexts {
    static let missing = LambdaError.notFound("The resource you requested does not exist.")

    static func missingVersion(_ arn: String) -> AWSError {
        LambdaError.notFound("Layer version \(arn) does not exist.")
    }

    static let revisionDiffers = LambdaError.precondition(
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the "
            + "latest Revision Id")

    /// Notes the faults of what a list is to be limited to.
    static func checkFilter(_ request: LambdaRequest) -> ShapeChecks {
        var checks = ShapeChecks()
        if let architecture = request.query("CompatibleArchitecture") {
            checks.choice(architecture, at: "compatibleArchitecture", of: ["x86_64", "arm64"])
        }
        if let runtime = request.query("CompatibleRuntime"), !Runtimes.isKnown(runtime) {
            checks.choice(runtime, at: "compatibleRuntime", of: Runtimes.current)
        }
        return checks
    }
}
