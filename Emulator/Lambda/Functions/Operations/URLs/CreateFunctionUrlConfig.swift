import AWSProtocol
import Bytes
import HTTPTypes
import Net

/// POST /2021-10-31/functions/{FunctionName}/url
enum CreateFunctionUrlConfig {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        var checks = ShapeChecks()
        let input = try URLInput(DocumentReader(try await request.document()), &checks)
        if input.authType == nil { checks.missing("authType") }
        let target = try URLInput.target(request, checks)
        let place = target.qualifier ?? VersionRecord.latest
        _ = try service.urlRecord(target, missing: URLTexts.noFunction)

        let now = request.context.now
        let url = URLRecord(
            id: makeID(), authType: input.authType ?? "", cors: input.cors,
            invokeMode: input.invokeMode ?? "BUFFERED", created: now, modified: now)
        try await service.change(target.name) { (record) throws(AWSError) in
            guard record.urls[place] == nil else {
                throw LambdaError.conflict(
                    "Failed to create function url config for [functionArn = "
                        + "\(service.arn(target.name, target.qualifier))]. Error message:  FunctionUrlConfig exists "
                        + "for this Lambda function")
            }
            record.urls[place] = url
        }
        var answer = service.urlJSON(url, target.name, place)
        answer["LastModifiedTime"] = nil
        return request.answer(answer, status: 201)
    }

    /// 32 letters and digits.
    private static func makeID() -> String {
        let characters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let generator = BufferedRandomNumberGenerator()
        return String((0..<32).map { _ in characters[Int(generator.next() % UInt64(characters.count))] })
    }
}
