import AWSProtocol
import HTTPTypes
import Net

/// GET /2018-10-31/layers?find=LayerVersion&Arn=...
enum GetLayerVersionByArn {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let arn = request.query("Arn") ?? ""
        let reference = LayerReference(arn)
        var checks = ShapeChecks()
        checks.pattern(
            arn, at: "arn",
            #"(arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:"#
                + #"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"#,
            fits: reference?.version != nil)
        try checks.finish()
        guard let reference, let number = reference.version, reference.region == request.context.region,
            reference.accountID == request.context.accountID,
            let version = service.catalogue.layers[reference.name]?.version(number)
        else { throw LayerTexts.missing }
        return request.answer(service.fullLayerJSON(reference.name, version, request))
    }
}
