import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy
enum AddLayerVersionPermission {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let id = try document.string("StatementId") ?? ""
        let action = try document.string("Action") ?? ""
        let principal = try document.string("Principal") ?? ""
        let organization = try document.string("OrganizationId")
        checks.length(id, at: "statementId", in: 1...100)
        checks.pattern(id, at: "statementId", Permissions.statementPattern, fits: Patterns.isWord(id))
        checks.pattern(
            action, at: "action", "lambda:GetLayerVersion", fits: action == "lambda:GetLayerVersion")
        let isRoot =
            principal.hasPrefix("arn:aws") && principal.contains(":iam::") && principal.hasSuffix(":root")
        checks.pattern(
            principal, at: "principal", #"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root"#,
            fits: principal == "*" || Patterns.isAccount(principal) || isRoot)
        let target = try LayerTarget(request, checks: checks)
        let arn = service.layerARN(target.name, target.number)

        var statement: JSONObject = [
            "Sid": .string(id), "Effect": "Allow",
            "Principal": principal == "*"
                ? "*" : ["AWS": .string(isRoot ? principal : "arn:aws:iam::\(principal):root")],
            "Action": .string(action), "Resource": .string(arn),
        ]
        if let organization {
            statement["Condition"] = ["StringEquals": ["aws:PrincipalOrgID": .string(organization)]]
        }
        let added = JSONValue.object(statement)
        let version = try await service.changeLayer(target) { (version) throws(AWSError) in
            if let revision = request.query("RevisionId"), revision != version.revision {
                throw LayerTexts.revisionDiffers
            }
            try Permissions.add(added, to: &version.policy)
            version.revision = UUID4.make()
        }
        return request.answer(
            ["Statement": .string(added.encodedString()), "RevisionId": .string(version.revision)],
            status: 201)
    }
}

extension LambdaService {
    /// Changes who may use a version of a layer.
    func changeLayer(
        _ target: LayerTarget, _ body: (inout LayerVersionRecord) throws(AWSError) -> Void
    ) async throws(AWSError) -> LayerVersionRecord {
        let key = FunctionCatalogue.layerLock(target.name)
        await catalogue.lock(key)
        defer { catalogue.unlock(key) }
        guard let old = catalogue.layers[target.name], var version = old.version(target.number) else {
            throw LayerTexts.missingVersion(layerARN(target.name, target.number))
        }
        try body(&version)
        var layer = old
        layer.versions[target.number] = version
        try await catalogue.put(layer, instead: old)
        return version
    }
}
