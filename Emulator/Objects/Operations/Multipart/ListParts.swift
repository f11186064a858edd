import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket/key?uploadId=.
enum ListParts {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let id = Multipart.uploadID(of: request)
        let maxParts = try ListingParameters.count(request, "max-parts", argument: "max-parts")
        let marker = try ListingParameters.count(
            request, "part-number-marker", argument: "part-number-marker", absent: 0)
        let text = try ListingText(request)
        let (bucket, upload, parts) = try core.store.read { snapshot in
            (
                try core.bucket(request.bucket, in: snapshot),
                try core.upload(id, request.bucket, request.key, in: snapshot),
                try core.parts(of: id, in: snapshot).filter { $0.number > marker }
            )
        }
        let shown = parts.prefix(min(maxParts, ListingParameters.pageSize))
        var response = ObjectsCore.xml("ListPartsResult") { xml in
            xml.text("Bucket", request.bucket)
            xml.text("Key", text.name(request.key))
            xml.text("UploadId", id)
            Multipart.writeParties(core, to: &xml)
            xml.text("StorageClass", upload.attributes.storageClass)
            xml.text("PartNumberMarker", marker)
            xml.text("NextPartNumberMarker", shown.last?.number ?? 0)
            xml.text("MaxParts", min(maxParts, ListingParameters.pageSize))
            text.writeEncodingType(to: &xml)
            xml.text("IsTruncated", shown.count < parts.count)
            if let algorithm = upload.checksumAlgorithm {
                xml.text("ChecksumAlgorithm", algorithm.rawValue)
                xml.text("ChecksumType", upload.checksumKind.rawValue)
            }
            for part in shown {
                xml.element("Part") { xml in
                    xml.text("PartNumber", part.number)
                    xml.text("LastModified", ListingText.time(part.record.lastModified))
                    xml.text("ETag", ETag.quoted(Hex.encode(part.record.md5)))
                    xml.text("Size", part.record.size)
                    if upload.checksumAlgorithm != nil {
                        xml.text(part.record.checksum.algorithm.elementName, part.record.checksum.value)
                    }
                }
            }
        }
        try response.headers.add(abortionOf: upload.key, initiated: upload.initiated, in: bucket, core)
        return response
    }
}
