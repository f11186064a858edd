import EventSources
import LambdaEvents

/// Events of S3 buckets.
enum StorageSamples {
    static let all: [EventSample] = [
        sample("put", "An object was put", "ObjectCreated:Put", object: full),
        sample("post", "An object came by a browser's form", "ObjectCreated:Post", object: full),
        sample("copy", "An object was copied here", "ObjectCreated:Copy", object: full),
        sample(
            "multipart", "An upload in parts was completed", "ObjectCreated:CompleteMultipartUpload",
            object: #""size": 104857600, "eTag": "${hex32}-13", "sequencer": "00${hex16}""#),
        sample(
            "delete", "An object was deleted", "ObjectRemoved:Delete", object: #""sequencer": "00${hex16}""#),
        sample(
            "delete-marker", "A delete marker hides an object", "ObjectRemoved:DeleteMarkerCreated",
            // A marker is empty, and has the tag of what is.
            object: #""eTag": "d41d8cd98f00b204e9800998ecf8427e", "versionId": "${hex32}", "#
                + #""sequencer": "00${hex16}""#),
        sample(
            "tagging", "Tags of an object were put", "ObjectTagging:Put", version: "2.3",
            object: #""eTag": "${hex32}""#),
        sample(
            "restore-completed", "An archived object can be read again", "ObjectRestore:Completed",
            object: full,
            more: """
                , "glacierEventData": { "restoreEventData": {
                    "lifecycleRestorationExpiryTime": "${time}", "lifecycleRestoreStorageClass": "GLACIER" } }
                """),
    ]

    private static let full = #""size": 1024, "eTag": "${hex32}", "sequencer": "00${hex16}""#

    private static func sample(
        _ kind: String, _ summary: String, _ name: String, version: String = "2.1", object: String,
        more: String = ""
    ) -> EventSample {
        EventSample(
            "s3", kind, summary,
            """
            { "Records": [ {
                "eventVersion": "\(version)", "eventSource": "aws:s3", "awsRegion": "${region}",
                "eventTime": "${time}", "eventName": "\(name)",
                "userIdentity": { "principalId": "AWS:AIDAEXAMPLE" },
                "requestParameters": { "sourceIPAddress": "127.0.0.1" },
                "responseElements": { "x-amz-request-id": "${hex16}", "x-amz-id-2": "${hex32}" },
                "s3": {
                    "s3SchemaVersion": "1.0", "configurationId": "on-change",
                    "bucket": {
                        "name": "mumble-media", "ownerIdentity": { "principalId": "A1EXAMPLE" },
                        "arn": "arn:aws:s3:::mumble-media" },
                    "object": { "key": "pictures/a+picture.png", \(object) } }\(more)
            } ] }
            """
        ) { json throws(EventDecodingError) in _ = try S3Event(json: json) }
    }
}
