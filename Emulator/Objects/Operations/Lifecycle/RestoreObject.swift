import AWSProtocol
import Clock
import HTTPTypes

/// POST /bucket/key?restore: makes an archived version readable for some days. Here the copy is there at once.
enum RestoreObject {
    private static let tiers: Set<String> = ["Standard", "Bulk", "Expedited"]

    private struct Order: Sendable {
        var days: Int
        var tier: String
    }

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let selector = try VersionSelector(request)
        let versions = Versions(bucket: request.bucket, key: request.key)
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let order = try order(try request.document())
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        let until = LifecycleTimes.midnight(order.days, after: now)
        let isNew = try await core.store.commit { transaction in
            let bucket = try core.bucket(versions.bucket, in: transaction)
            var record = try selector.find(versions, method: "POST", in: transaction)
            try check(record, order)
            let isNew = record.isArchived(at: now)
            record.restoredUntil = until
            try versions.update(record, in: transaction)
            transaction.put(
                .objects,
                StorageKeys.restore(until: until, versions.bucket, versions.key, order: record.order),
                RestoredCopy(bucket: versions.bucket, key: versions.key, version: record.version).encoded())
            if isNew {
                var event = ObjectEvent("ObjectRestore:Post", versions, record, bucket, at: now, by: origin)
                event.note(bucket, in: transaction)
                event.name = "ObjectRestore:Completed"
                event.storageClass = record.attributes.storageClass
                event.restoredUntil = until
                event.note(bucket, in: transaction)
            }
            return isNew
        }
        return HTTPResponse(status: isNew ? 202 : 200)
    }

    private static func order(_ document: [UInt8]) throws(AWSError) -> Order {
        guard let root = try? XMLReader.parse(document), root.name == "RestoreRequest",
            root.has(only: ["Days", "GlacierJobParameters", "Tier", "Description", "Type"])
        else {
            if let root = try? XMLReader.parse(document), root["Type"] == "SELECT" {
                throw .notImplementedHeader("Type")
            }
            throw .malformedXML
        }
        if root["Type"] == "SELECT" { throw .notImplementedHeader("Type") }
        guard let text = root["Days"], let days = Int32(text), root["Type"] == nil else {
            throw .malformedXML
        }
        guard days > 0 else {
            throw .invalidArgument(
                "Days must be a positive integer", name: "Days", value: text)
        }
        let tier = root.child("GlacierJobParameters").map { $0["Tier"] ?? "" } ?? root["Tier"] ?? "Standard"
        guard tiers.contains(tier) else { throw .malformedXML }
        return Order(days: Int(days), tier: tier)
    }

    private static func check(_ record: ObjectRecord, _ order: Order) throws(AWSError) {
        guard StorageClass.isArchive(record.attributes.storageClass) else {
            throw .archived(record, "Restore is not allowed for the object's current storage class")
        }
        if order.tier == "Expedited", record.attributes.storageClass == "DEEP_ARCHIVE" {
            throw .invalidArgument(
                "Retrieval option is not supported by this storage class", name: "Tier", value: order.tier)
        }
    }
}
