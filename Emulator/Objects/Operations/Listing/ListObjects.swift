import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket: the first version of listing, which continues by key.
enum ListObjects {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        if let type = request.value("list-type") {
            throw AWSError.invalidArgument(
                "Invalid List Type specified in Request", name: "list-type", value: type)
        }
        let parameters = try ListingParameters(request)
        let marker = (request.value("marker") ?? "").bytes
        let scan = parameters.scan(request.bucket, marker.isEmpty ? .beginning : .after(marker))
        return try await core.listing(upTo: scan.maxKeys) {
            try answer(request, core, parameters, marker, scan)
        }
    }

    private static func answer(
        _ request: S3Request, _ core: ObjectsCore, _ parameters: ListingParameters, _ marker: [UInt8],
        _ scan: ListingScan
    ) throws -> HTTPResponse {
        let page = try core.store.read { snapshot in
            _ = try core.bucket(request.bucket, in: snapshot)
            return try scan.page(in: snapshot)
        }
        let text = parameters.text
        return ObjectsCore.xml("ListBucketResult") { xml in
            xml.text("Name", request.bucket)
            xml.text("Prefix", text.name(parameters.prefix))
            xml.text("Marker", text.name(marker))
            // Without a delimiter the last key serves as the next marker, and S3 sends none.
            if page.isTruncated, !parameters.delimiter.isEmpty, let last = page.entries.last {
                xml.text("NextMarker", text.name(last.name))
            }
            xml.text("MaxKeys", min(parameters.maxKeys, ListingParameters.pageSize))
            if !parameters.delimiter.isEmpty { xml.text("Delimiter", text.name(parameters.delimiter)) }
            text.writeEncodingType(to: &xml)
            xml.text("IsTruncated", page.isTruncated)
            parameters.write(page, ownerID: core.ownerID, to: &xml)
        }
    }
}
