import Bytes
import Clock
import JSON
import Testing

@testable import Objects

/// The messages that functions get, field by field.
@Suite struct EventMessageTests {
    private let configuration = ObjectsService.Configuration(region: "us-east-1", accountID: "000000000000")

    private func event(_ name: String, version: String? = nil) throws -> ObjectEvent {
        var bucket = BucketRecord(created: Timestamp(seconds: 0), region: "us-east-1")
        bucket.versioning = version == nil ? .never : .enabled
        let record = ObjectRecord(
            size: 9, etag: "437b930db84b8079c2dd804a71936b5f", lastModified: Timestamp(seconds: 0),
            attributes: ObjectAttributes(), checksum: StoredChecksum(algorithm: .crc64nvme, value: ""),
            body: .empty)
        var event = ObjectEvent(
            name, Versions(bucket: "b", key: "a@b c/d.txt".bytes), record, bucket,
            at: try #require(Timestamp(iso8601: "2026-01-02T03:04:05.678Z")),
            by: ObjectEvent.Origin(requestID: "R", hostID: "I", address: "127.0.0.1", principal: "AWS:AIDAX"))
        event.version = version
        event.order = 0x62_E99A_88DC_4074
        event.target = ObjectEvent.Target(configurationID: "cfg", function: "f")
        return event
    }

    private func object(_ event: ObjectEvent) throws -> JSONValue {
        let message = try JSONValue.parse(EventMessage.encode(event, configuration))
        return try #require(message["Records"]?[0]?["s3"]?["object"])
    }

    @Test func theDocumentedExample() throws {
        let owner = Principal.owner("000000000000")
        let expected: JSONValue = [
            "Records": .array([
                [
                    "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
                    "eventTime": "2026-01-02T03:04:05.678Z", "eventName": "ObjectCreated:Put",
                    "userIdentity": ["principalId": "AWS:AIDAX"],
                    "requestParameters": ["sourceIPAddress": "127.0.0.1"],
                    "responseElements": ["x-amz-request-id": "R", "x-amz-id-2": "I"],
                    "s3": [
                        "s3SchemaVersion": "1.0", "configurationId": "cfg",
                        "bucket": [
                            "name": "b", "ownerIdentity": ["principalId": .string(owner)],
                            "arn": "arn:aws:s3:::b",
                        ],
                        "object": [
                            "key": "a%40b+c/d.txt", "size": 9, "eTag": "437b930db84b8079c2dd804a71936b5f",
                            "sequencer": "000062E99A88DC4074",
                        ],
                    ],
                ]
            ])
        ]
        let message = EventMessage.encode(try event("ObjectCreated:Put"), configuration)
        #expect(String(utf8: message) == expected.encodedString())
        #expect(owner.utf8.count == 14)
    }

    /// Each: the event, its version, and the members of its object, in order.
    @Test(arguments: [
        ("ObjectCreated:Put", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectCreated:Post", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectCreated:Copy", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectCreated:CompleteMultipartUpload", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectRemoved:Delete", "2.1", ["key", "versionId", "sequencer"]),
        ("ObjectRemoved:DeleteMarkerCreated", "2.1", ["key", "eTag", "versionId", "sequencer"]),
        ("ObjectTagging:Put", "2.3", ["key", "eTag", "versionId"]),
        ("ObjectTagging:Delete", "2.3", ["key", "eTag", "versionId"]),
        ("ObjectAcl:Put", "2.3", ["key", "eTag", "versionId"]),
        ("ObjectRestore:Post", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectRestore:Completed", "2.1", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("ObjectRestore:Delete", "2.3", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("LifecycleTransition", "2.3", ["key", "size", "eTag", "versionId", "sequencer"]),
        ("LifecycleExpiration:Delete", "2.3", ["key", "versionId", "sequencer"]),
        ("LifecycleExpiration:DeleteMarkerCreated", "2.3", ["key", "eTag", "versionId", "sequencer"]),
    ])
    func members(_ name: String, _ version: String, _ members: [String]) throws {
        let event = try event(name, version: "v1")
        let record = try JSONValue.parse(EventMessage.encode(event, configuration))["Records"]?[0]
        #expect(record?["eventVersion"]?.string == version)
        #expect(record?["eventName"]?.string == name)
        #expect(try object(event).object?.keys == members)
    }

    @Test func aMarkerShowsTheTagOfNothing() throws {
        let object = try object(try event("ObjectRemoved:DeleteMarkerCreated"))
        #expect(object["eTag"]?.string == "d41d8cd98f00b204e9800998ecf8427e")
    }

    @Test func aCompletedRestoreTellsHowLongItLasts() throws {
        var event = try event("ObjectRestore:Completed")
        event.storageClass = "GLACIER"
        event.restoredUntil = Timestamp(iso8601: "2026-01-05T00:00:00Z")
        let record = try JSONValue.parse(EventMessage.encode(event, configuration))["Records"]?[0]
        let data = record?["glacierEventData"]?["restoreEventData"]
        #expect(data?["lifecycleRestorationExpiryTime"]?.string == "2026-01-05T00:00:00.000Z")
        #expect(data?["lifecycleRestoreStorageClass"]?.string == "GLACIER")
    }

    @Test func aTransitionTellsWhere() throws {
        var event = try event("LifecycleTransition")
        event.storageClass = "GLACIER"
        let record = try JSONValue.parse(EventMessage.encode(event, configuration))["Records"]?[0]
        let data = record?["lifecycleEventData"]?["transitionEventData"]
        #expect(data?["destinationStorageClass"]?.string == "GLACIER")
    }

    @Test func storedEventsComeBack() throws {
        var event = try event("ObjectRestore:Completed", version: "v")
        event.storageClass = "GLACIER"
        event.restoredUntil = Timestamp(seconds: 5)
        #expect(try ObjectEvent(decoding: event.encoded()) == event)
    }

    @Test func principalsAreOfIAMsForm() {
        let name = Principal.name(.signed(accessKeyID: "test"))
        #expect(name.hasPrefix("AWS:AIDA") && name.utf8.count == 25)
        #expect(name == Principal.name(.signed(accessKeyID: "test")))
        #expect(name != Principal.name(.signed(accessKeyID: "other")))
        #expect(Principal.name(.anonymous) == "Anonymous")
    }
}

/// Which events a rule covers.
@Suite struct NotificationRuleTests {
    /// Each: prefix, suffix, key, whether it fits.
    @Test(arguments: [
        ("", "", "any", true), ("a/", "", "a/b", true), ("a/", "", "b/a/", false),
        ("", ".jpg", "x.jpg", true),
        ("", ".jpg", "x.jpg.txt", false), ("a/", ".jpg", "a/x.jpg", true), ("a/", ".jpg", "a/x.png", false),
        ("a b", "", "a b/c", true), ("a+b", "", "a b/c", true), ("a%20b", "", "a b/c", true),
        ("a+b", "", "a+b/c", true), ("100%", "", "100%/c", true), ("", "é", "café", true),
        ("", "%C3%A9", "café", true), ("A/", "", "a/x", false), ("aa", "aa", "aaa", true),
    ])
    func filters(_ prefix: String, _ suffix: String, _ key: String, _ fits: Bool) {
        let rule = NotificationConfiguration.Rule(
            destination: .function, id: "i", arn: "", events: ["s3:ObjectCreated:*"], prefix: prefix,
            suffix: suffix)
        #expect(rule.covers("s3:ObjectCreated:Put", key.bytes) == fits)
    }

    @Test(arguments: [
        ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", true),
        ("s3:ObjectCreated:Put", "s3:ObjectCreated:Put", true),
        ("s3:ObjectCreated:Put", "s3:ObjectCreated:Post", false),
        ("s3:ObjectRemoved:*", "s3:ObjectCreated:Put", false),
        ("s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", false),
        ("s3:LifecycleTransition", "s3:LifecycleTransition", true),
        ("s3:LifecycleExpiration:*", "s3:LifecycleExpiration:DeleteMarkerCreated", true),
    ])
    func names(_ pattern: String, _ name: String, _ covers: Bool) {
        #expect(EventNames.covers(pattern, name) == covers)
    }

    @Test(arguments: [
        ("arn:aws:lambda:us-east-1:000000000000:function:f", true),
        ("arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", true),
        ("arn:aws:lambda:us-east-1:000000000000:function:f:live", false),
        ("arn:aws:lambda:eu-west-1:000000000000:function:f", false),
        ("arn:aws:lambda:us-east-1:111111111111:function:f", false),
        ("arn:aws:lambda:us-east-1:000000000000:function:other", false),
    ])
    func functionsThatCanBeCalled(_ text: String, _ canBe: Bool) throws {
        let arn = try #require(FunctionARN(text))
        let functions = Functions(["f"]).queue
        let configuration = ObjectsService.Configuration(region: "us-east-1", accountID: "000000000000")
        #expect(arn.isCallable(configuration, functions) == canBe)
    }

    @Test(arguments: [
        "", "f", "arn:aws:lambda:us-east-1:000000000000:layer:f", "arn:aws:sqs:us-east-1:0:q:f:x",
    ])
    func textsThatAreNoFunction(_ text: String) { #expect(FunctionARN(text) == nil) }

    @Test func storedConfigurationsComeBack() throws {
        let configuration = NotificationConfiguration(
            rules: [
                .init(
                    destination: .queue, id: "1", arn: "a", events: ["s3:ObjectCreated:*"], prefix: "",
                    suffix: nil),
                .init(
                    destination: .function, id: "2", arn: "b", events: ["x", "y"], prefix: nil, suffix: "s"),
            ], tellsEventBridge: true)
        #expect(try NotificationConfiguration(decoding: configuration.encoded()) == configuration)
        #expect(NotificationConfiguration().document == nil)
    }
}
