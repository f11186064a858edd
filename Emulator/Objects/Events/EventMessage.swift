import Bytes
import JSON

/// What a function gets to read (Amazon S3 User Guide, "Event message structure").
enum EventMessage {
    /// MD5 of nothing: the entity tag that a delete marker shows.
    private static let emptyTag = "d41d8cd98f00b204e9800998ecf8427e"

    static func encode(_ event: ObjectEvent, _ configuration: ObjectsService.Configuration) -> [UInt8] {
        let document: JSONValue = ["Records": .array([record(event, configuration)])]
        return document.encoded()
    }

    private static func record(
        _ event: ObjectEvent, _ configuration: ObjectsService.Configuration
    ) -> JSONValue {
        var record: JSONObject = [
            "eventVersion": .string(version(of: event.name)),
            "eventSource": "aws:s3",
            "awsRegion": .string(configuration.region),
            "eventTime": .string(event.time.iso8601),
            "eventName": .string(event.name),
            "userIdentity": ["principalId": .string(event.origin.principal)],
            "requestParameters": ["sourceIPAddress": .string(event.origin.address)],
            "responseElements": [
                "x-amz-request-id": .string(event.origin.requestID),
                "x-amz-id-2": .string(event.origin.hostID),
            ],
            "s3": [
                "s3SchemaVersion": "1.0",
                "configurationId": .string(event.target?.configurationID ?? ""),
                "bucket": [
                    "name": .string(event.bucket),
                    "ownerIdentity": ["principalId": .string(Principal.owner(configuration.accountID))],
                    "arn": .string("arn:aws:s3:::\(event.bucket)"),
                ],
                "object": .object(object(event)),
            ],
        ]
        if let storageClass = event.storageClass {
            if let until = event.restoredUntil {
                record.append(
                    "glacierEventData",
                    [
                        "restoreEventData": [
                            "lifecycleRestorationExpiryTime": .string(until.iso8601),
                            "lifecycleRestoreStorageClass": .string(storageClass),
                        ]
                    ])
            } else if event.name == "LifecycleTransition" {
                record.append(
                    "lifecycleEventData",
                    ["transitionEventData": ["destinationStorageClass": .string(storageClass)]])
            }
        }
        return .object(record)
    }

    /// The kinds of events that came later have a later version.
    private static func version(of name: String) -> String {
        let later = ["ObjectTagging:", "ObjectAcl:", "Lifecycle", "ObjectRestore:Delete", "ObjectRetention:"]
        return later.contains(where: name.hasPrefix) ? "2.3" : "2.1"
    }

    private static func object(_ event: ObjectEvent) -> JSONObject {
        let isMarker = event.name.hasSuffix(":DeleteMarkerCreated")
        let isDeletion = ["ObjectRemoved:Delete", "LifecycleExpiration:Delete"].contains(event.name)
        let isLabel = ["ObjectTagging:", "ObjectAcl:"].contains(where: event.name.hasPrefix)
        var object: JSONObject = ["key": .string(ListingText.urlEncoded(event.key))]
        if !isMarker, !isDeletion, !isLabel { object.append("size", .number(.init(Int(event.size)))) }
        if isMarker {
            object.append("eTag", .string(emptyTag))
        } else if !isDeletion {
            object.append("eTag", .string(event.etag))
        }
        if let version = event.version { object.append("versionId", .string(version)) }
        if !isLabel { object.append("sequencer", .string("00\(Hex.encode(event.order).uppercased())")) }
        return object
    }
}
