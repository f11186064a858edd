import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket?uploads: by key, then by the time they began.
enum ListMultipartUploads {
    private struct Page {
        var uploads: [UploadRecord] = []
        var commonPrefixes: [[UInt8]] = []
        var isTruncated = false
        /// The key of the last upload or the last common prefix.
        var lastKey: [UInt8] = []
        var lastID = ""

        var count: Int { uploads.count + commonPrefixes.count }
    }

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let prefix = (request.value("prefix") ?? "").bytes
        let delimiter = (request.value("delimiter") ?? "").bytes
        let text = try ListingText(request)
        let maxUploads = try ListingParameters.count(request, "max-uploads", argument: "max-uploads")
        let limit = min(maxUploads, ListingParameters.pageSize)
        let keyMarker = (request.value("key-marker") ?? "").bytes
        let idMarker = request.value("upload-id-marker") ?? ""
        let page = try core.store.read { snapshot -> Page in
            _ = try core.bucket(request.bucket, in: snapshot)
            if !idMarker.isEmpty, !keyMarker.isEmpty,
                try snapshot.get(.objects, StorageKeys.upload(request.bucket, keyMarker, idMarker)) == nil
            {
                throw AWSError.invalidArgument(
                    "Invalid uploadId marker", name: "upload-id-marker", value: idMarker)
            }
            var page = Page()
            let base = StorageKeys.uploadPrefix(request.bucket)
            try snapshot.scan(
                .objects, from: base + prefix, to: StorageKeys.successor(of: base + prefix), reverse: false
            ) { _, value in
                let upload = try UploadRecord(decoding: value)
                guard isAfterMarkers(upload, keyMarker, idMarker) else { return true }
                let common = commonPrefix(of: upload.key, prefix, delimiter)
                if let common, page.commonPrefixes.last == common || common == keyMarker { return true }
                if page.count == limit {
                    page.isTruncated = limit > 0
                    return false
                }
                if let common {
                    page.commonPrefixes.append(common)
                } else {
                    page.uploads.append(upload)
                }
                page.lastKey = common ?? upload.key
                page.lastID = common == nil ? upload.id : ""
                return true
            }
            return page
        }
        return ObjectsCore.xml("ListMultipartUploadsResult") { xml in
            xml.text("Bucket", request.bucket)
            xml.text("KeyMarker", text.name(keyMarker))
            xml.text("UploadIdMarker", idMarker)
            xml.text("NextKeyMarker", text.name(page.lastKey))
            xml.text("NextUploadIdMarker", page.lastID)
            xml.text("Prefix", text.name(prefix))
            if !delimiter.isEmpty { xml.text("Delimiter", text.name(delimiter)) }
            text.writeEncodingType(to: &xml)
            xml.text("MaxUploads", limit)
            xml.text("IsTruncated", page.isTruncated)
            for upload in page.uploads { write(upload, text, core.ownerID, to: &xml) }
            for prefix in page.commonPrefixes {
                xml.element("CommonPrefixes") { $0.text("Prefix", text.name(prefix)) }
            }
        }
    }

    private static func isAfterMarkers(_ upload: UploadRecord, _ key: [UInt8], _ id: String) -> Bool {
        if key.isEmpty { return true }
        if upload.key == key { return !id.isEmpty && upload.id > id }
        return key.lexicographicallyPrecedes(upload.key)
    }

    private static func commonPrefix(
        of key: [UInt8], _ prefix: [UInt8], _ delimiter: [UInt8]
    ) -> [UInt8]? {
        ListingScan(bucket: "", prefix: prefix, delimiter: delimiter, start: .beginning, maxKeys: 0)
            .commonPrefix(of: key)
    }

    private static func write(
        _ upload: UploadRecord, _ text: ListingText, _ ownerID: String, to xml: inout XMLWriter
    ) {
        xml.element("Upload") { xml in
            xml.text("Key", text.name(upload.key))
            xml.text("UploadId", upload.id)
            for role in ["Initiator", "Owner"] { xml.element(role) { $0.text("ID", ownerID) } }
            xml.text("StorageClass", upload.attributes.storageClass)
            xml.text("Initiated", ListingText.time(upload.initiated))
            if let algorithm = upload.checksumAlgorithm {
                xml.text("ChecksumAlgorithm", algorithm.rawValue)
                xml.text("ChecksumType", upload.checksumKind.rawValue)
            }
        }
    }
}
