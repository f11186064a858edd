import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket?uploads: by key, then by the time they began.
enum ListMultipartUploads {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let prefix = (request.value("prefix") ?? "").bytes
        let delimiter = (request.value("delimiter") ?? "").bytes
        let text = try ListingText(request)
        let maxUploads = try ListingParameters.count(request, "max-uploads", argument: "max-uploads")
        let limit = min(maxUploads, ListingParameters.pageSize)
        let keyMarker = (request.value("key-marker") ?? "").bytes
        // Without a key the marker of an upload says nothing.
        let idMarker = keyMarker.isEmpty ? "" : request.value("upload-id-marker") ?? ""
        guard idMarker.isEmpty || UploadRecord.isIdentifier(idMarker) else {
            throw AWSError.invalidArgument(
                "Invalid uploadId marker", name: "upload-id-marker", value: idMarker)
        }
        let scan = UploadScan(
            listing: ListingScan(
                bucket: request.bucket, prefix: prefix, delimiter: delimiter, start: .beginning,
                maxKeys: limit), keyMarker: keyMarker, idMarker: idMarker)
        let page = try core.store.read { snapshot in
            _ = try core.bucket(request.bucket, in: snapshot)
            return try scan.page(in: snapshot)
        }
        return ObjectsCore.xml("ListMultipartUploadsResult") { xml in
            xml.text("Bucket", request.bucket)
            xml.text("KeyMarker", text.name(keyMarker))
            xml.text("UploadIdMarker", idMarker)
            // Told even when nothing follows.
            xml.text("NextKeyMarker", text.name(page.last.key))
            xml.text("NextUploadIdMarker", page.last.id)
            xml.text("Prefix", text.name(prefix))
            if !delimiter.isEmpty { xml.text("Delimiter", text.name(delimiter)) }
            text.writeEncodingType(to: &xml)
            xml.text("MaxUploads", limit)
            xml.text("IsTruncated", page.isTruncated)
            for case .upload(let upload) in page.entries { write(upload, text, core, to: &xml) }
            for case .commonPrefix(let prefix) in page.entries {
                xml.element("CommonPrefixes") { $0.text("Prefix", text.name(prefix)) }
            }
        }
    }

    private static func write(
        _ upload: UploadRecord, _ text: ListingText, _ core: ObjectsCore, to xml: inout XMLWriter
    ) {
        xml.element("Upload") { xml in
            xml.text("Key", text.name(upload.key))
            xml.text("UploadId", upload.id)
            Multipart.writeParties(core, to: &xml)
            xml.text("StorageClass", upload.attributes.storageClass)
            xml.text("Initiated", ListingText.time(upload.initiated))
            if let algorithm = upload.checksumAlgorithm {
                xml.text("ChecksumAlgorithm", algorithm.rawValue)
                xml.text("ChecksumType", upload.checksumKind.rawValue)
            }
        }
    }
}
