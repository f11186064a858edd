import Bytes
import Digests
import Expressions
import JSON

/// How a stream shows the records of its table's change log.
struct StreamRecordView: Sendable {
    let stream: ChangeStream
    let region: String

    private var showsNew: Bool { stream.viewType == "NEW_IMAGE" || stream.viewType == "NEW_AND_OLD_IMAGES" }
    private var showsOld: Bool { stream.viewType == "OLD_IMAGE" || stream.viewType == "NEW_AND_OLD_IMAGES" }

    /// `Record` of the API, and its `SizeBytes`.
    func record(_ number: Int64, _ record: ChangeRecord) -> (json: JSONValue, size: Int) {
        let newImage = showsNew ? record.new : nil
        let oldImage = showsOld ? record.old : nil
        var keys = Item()
        for name in stream.hash + stream.range { keys[name] = (record.new ?? record.old)?[name] }
        let size = keys.itemSize + (newImage?.itemSize ?? 0) + (oldImage?.itemSize ?? 0)

        var change = JSONObject()
        // In whole seconds, as AWS gives it.
        change.append("ApproximateCreationDateTime", .number(JSONNumber(record.time.seconds)))
        change.append("Keys", keys.json)
        if let newImage { change.append("NewImage", newImage.json) }
        if let oldImage { change.append("OldImage", oldImage.json) }
        change.append("SequenceNumber", .string(SequenceNumber.text(number)))
        change.append("SizeBytes", .number(JSONNumber(size)))
        change.append("StreamViewType", .string(stream.viewType))

        var object = JSONObject()
        object.append("eventID", .string(eventID(number)))
        object.append("eventName", .string(Self.name(record)))
        object.append("eventVersion", "1.1")
        object.append("eventSource", "aws:dynamodb")
        object.append("awsRegion", .string(region))
        object.append("dynamodb", .object(change))
        if record.origin == .timeToLive {
            object.append("userIdentity", ["PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"])
        }
        return (.object(object), size)
    }

    private static func name(_ record: ChangeRecord) -> String {
        if record.new == nil { return "REMOVE" }
        return record.old == nil ? "INSERT" : "MODIFY"
    }

    /// The same whenever the record is read, and another one for each record.
    private func eventID(_ number: Int64) -> String {
        var hasher = DigestHasher<MD5>()
        hasher.update("\(stream.tableID)/\(stream.table)/\(stream.label)/\(number)")
        return Hex.encode(hasher.finish())
    }
}
