import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket?list-type=2: continues by an opaque token.
enum ListObjectsV2 {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let parameters = try ListingParameters(request)
        let startAfter = (request.value("start-after") ?? "").bytes
        var start: ListingStart = startAfter.isEmpty ? .beginning : .after(startAfter)
        if let token = request.value("continuation-token") {
            start = .after(try ContinuationToken.decode(token))
        }
        let scan = parameters.scan(request.bucket, start)
        return try await core.listing(upTo: scan.maxKeys) {
            try answer(request, core, parameters, scan)
        }
    }

    private static func answer(
        _ request: S3Request, _ core: ObjectsCore, _ parameters: ListingParameters, _ scan: ListingScan
    ) throws -> HTTPResponse {
        let page = try core.store.read { snapshot in
            _ = try core.bucket(request.bucket, in: snapshot)
            return try scan.page(in: snapshot)
        }
        let text = parameters.text
        let showsOwner = request.value("fetch-owner")?.lowercased() == "true"
        return ObjectsCore.xml("ListBucketResult") { xml in
            xml.text("Name", request.bucket)
            xml.text("Prefix", text.name(parameters.prefix))
            if let token = request.value("continuation-token") {
                xml.text("ContinuationToken", token)
            } else if let startAfter = request.value("start-after"), !startAfter.isEmpty {
                xml.text("StartAfter", text.name(startAfter.bytes))
            }
            if page.isTruncated, let last = page.entries.last {
                xml.text("NextContinuationToken", ContinuationToken.encode(last.name))
            }
            xml.text("KeyCount", page.entries.count)
            xml.text("MaxKeys", min(parameters.maxKeys, ListingParameters.pageSize))
            if !parameters.delimiter.isEmpty { xml.text("Delimiter", text.name(parameters.delimiter)) }
            text.writeEncodingType(to: &xml)
            xml.text("IsTruncated", page.isTruncated)
            parameters.write(page, ownerID: showsOwner ? core.ownerID : nil, to: &xml)
        }
    }
}
