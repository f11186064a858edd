import AWSProtocol
import Bytes
import Clock
import HTTPTypes
import Lambda
import Objects

extension StateGate {
    /// Reads code of functions from the emulator's own buckets: as a signed GetObject of the account's owner.
    func codeSource(region: String, accountID: String, clock: any WallClock) -> CodeSource {
        CodeSource { (bucket, key, version) async throws(AWSError) in
            let query = version.map { "?versionId=" + PercentEncoding.encode($0) } ?? ""
            let request = HTTPRequest(
                target: "/\(bucket)/\(PercentEncoding.encode(key, keeping: .unreservedAndSlash))\(query)",
                headers: ["Host": "s3.localhost"])
            let context = AWSContext(
                requestID: UUID4.make(), region: region, accountID: accountID, now: clock.now,
                identity: .signed(accessKeyID: "lambda"))
            let response = await self.pass { await $0.objects.restService.handle(request, context) }
            guard response.status != 200 else { return response.body }
            throw Self.failure(response)
        }
    }

    /// The error that an answer of S3 tells.
    private static func failure(_ response: HTTPResponse) -> AWSError {
        let document = (try? response.body.readAll()).flatMap { try? XMLReader.parse($0) }
        func element(_ name: String) -> String? { document?.children.first { $0.name == name }?.text }
        return AWSError(
            code: element("Code") ?? "InternalError", status: response.status, message: element("Message"))
    }
}
