import HTTPTypes

/// HEAD /bucket/key: the answer of GetObject without its body.
enum HeadObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let reading = try ObjectReading.prepare(request, core, withBody: false)
        return HTTPResponse(status: reading.status, headers: reading.headers)
    }
}
