import AWSProtocol
import HTTPTypes

/// OPTIONS: a browser asks whether it may send a request. Needs no signature.
enum Preflight {
    static func run(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let headers = request.http.headers
        guard let origin = headers["Origin"] else {
            throw AWSError(
                code: "BadRequest", message: "Insufficient information. Origin request header needed.")
        }
        let method = headers["Access-Control-Request-Method"]
        guard let bucket = try core.buckets.bucket(request.bucket, core.store) else {
            throw forbidden("CORSResponse: Bucket not found", request, method)
        }
        guard !bucket.cors.isEmpty else {
            throw forbidden("CORSResponse: CORS is not enabled for this bucket.", request, method)
        }
        guard let method, CORSRule.methods.contains(method) else { throw badMethod(method ?? "null") }
        guard
            let allowed = CORSEvaluation.headers(
                bucket.cors, origin: origin, method: method,
                CORSEvaluation.requestedHeaders(in: headers))
        else {
            throw forbidden(
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
                    + "Origin, request method / Access-Control-Request-Method or "
                    + "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
                request, method)
        }
        return HTTPResponse(status: 200, headers: HTTPHeaders(allowed), body: .empty)
    }

    private static func badMethod(_ name: String) -> AWSError {
        AWSError(code: "BadRequest", message: "Invalid Access-Control-Request-Method: \(name)")
    }

    private static func forbidden(_ message: String, _ request: S3Request, _ method: String?) -> AWSError {
        AWSError(
            code: "AccessForbidden", status: 403, message: message,
            elements: [
                ("Method", method ?? "OPTIONS"),
                ("ResourceType", request.address.key == nil ? "BUCKET" : "OBJECT"),
            ])
    }
}
