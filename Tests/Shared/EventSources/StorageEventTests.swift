import EventSources
import JSON
import LambdaEvents
import Testing

/// The event that the S3 user guide shows ("Event message structure"), with names of our own.
@Suite struct S3EventTests {
    static let put = """
        {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2",\
        "eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put",\
        "userIdentity":{"principalId":"AIDAJDPLRKLG7UEXAMPLE"},\
        "requestParameters":{"sourceIPAddress":"172.16.0.1"},\
        "responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8"},\
        "s3":{"s3SchemaVersion":"1.0","configurationId":"testConfigRule","bucket":{"name":"amzn-s3-demo-bucket",\
        "ownerIdentity":{"principalId":"A3NL1KOZZKExample"},"arn":"arn:aws:s3:::amzn-s3-demo-bucket"},\
        "object":{"key":"a+b%2Bc.jpg","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e",\
        "versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko","sequencer":"0055AED6DCD90281E5"}}}]}
        """

    @Test func everyFieldIsRead() throws {
        let record = try #require(try S3Event(json: JSONValue.parse(Self.put)).records.first)
        #expect(record.eventVersion == "2.1" && record.region == "us-west-2")
        #expect(record.eventName == "ObjectCreated:Put" && record.eventTime == "1970-01-01T00:00:00.000Z")
        #expect(record.principalID == "AIDAJDPLRKLG7UEXAMPLE" && record.sourceIPAddress == "172.16.0.1")
        #expect(record.requestID == "C3D13FE58DE4C810" && record.configurationID == "testConfigRule")
        #expect(record.bucketName == "amzn-s3-demo-bucket")
        #expect(record.bucketARN == "arn:aws:s3:::amzn-s3-demo-bucket")
        #expect(record.size == 1024 && record.eTag == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(record.versionID == "096fKKXTRTtl3on89fVO.nfljtsv6qko")
        #expect(record.sequencer == "0055AED6DCD90281E5" && record.restoration == nil)
    }

    @Test func theKeyIsDecodedFromItsForm() throws {
        let record = try #require(try S3Event(json: JSONValue.parse(Self.put)).records.first)
        #expect(record.encodedKey == "a+b%2Bc.jpg")
        #expect(record.objectKey == "a b+c.jpg")
    }

    @Test func aDeletedObjectHasNeitherSizeNorTag() throws {
        let json: JSONValue = [
            "Records": [
                [
                    "eventName": "ObjectRemoved:Delete",
                    "s3": ["bucket": ["name": "b"], "object": ["key": "k", "sequencer": "00"]],
                ]
            ]
        ]
        let record = try #require(try S3Event(json: json).records.first)
        #expect(record.size == nil && record.eTag == nil && record.versionID == nil)
    }

    @Test func aRestoredObjectTellsUntilWhen() throws {
        let json: JSONValue = [
            "Records": [
                [
                    "eventName": "ObjectRestore:Completed",
                    "s3": ["bucket": ["name": "b"], "object": ["key": "k"]],
                    "glacierEventData": [
                        "restoreEventData": [
                            "lifecycleRestorationExpiryTime": "1970-01-02T00:00:00.000Z",
                            "lifecycleRestoreStorageClass": "GLACIER",
                        ]
                    ],
                ]
            ]
        ]
        let restoration = try #require(try S3Event(json: json).records.first?.restoration)
        #expect(restoration.expires == "1970-01-02T00:00:00.000Z" && restoration.storageClass == "GLACIER")
    }
}
