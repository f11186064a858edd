import AWSProtocol
import Bytes
import HTTPTypes
import Testing

@testable import Objects

@Suite struct BodyLimitTests {
    private func request(_ method: String, _ target: String, _ headers: HTTPHeaders = HTTPHeaders()) throws
        -> S3Request
    {
        var headers = headers
        headers["Host"] = "localhost:4566"
        let context = AWSContext(
            requestID: "1", region: "us-east-1", accountID: "000000000000", now: ObjectsBench.start,
            identity: .signed(accessKeyID: "AKIDTEST"))
        return try S3Request(HTTPRequest(method: method, target: target, headers: headers), context)
    }

    private func limit(_ name: String) throws -> BodyLimit {
        BodyLimit(try #require(OperationTable.all.first { $0.name == name }))
    }

    @Test func everyNameIsAnOperations() {
        let names = Set(OperationTable.all.map(\.name))
        for name in Array(BodyLimit.documents.keys) + Array(BodyLimit.uploads.keys) {
            #expect(names.contains(name), "\(name)")
        }
    }

    /// Only what stores objects may be long: 5 GiB, and a form around it.
    @Test func onlyUploadsAreLong() throws {
        for operation in OperationTable.all {
            let isUpload = ["PutObject", "UploadPart", "PostObject"].contains(operation.name)
            #expect((BodyLimit(operation).bytesAsSent > 5 << 20) == isUpload, "\(operation.name)")
        }
        #expect(try limit("PutObject").bytes == 5 << 30)
        #expect(try limit("PostObject").bytes == 5 << 30 + 64 << 10)
    }

    @Test(arguments: [("PutBucketPolicy", 65_536), ("PutBucketWebsite", 131_072), ("DeleteObjects", 2 << 20)])
    func theLastByteCounts(_ name: String, _ bytes: Int) throws {
        let limit = try limit(name)
        try limit.check(request("PUT", "/bucket", ["Content-Length": String(bytes)]))
        let error = try #require(throws: AWSError.self) {
            try limit.check(request("PUT", "/bucket", ["Content-Length": String(bytes + 1)]))
        }
        #expect(error.code == "MaxMessageLengthExceeded" && error.status == 400)
        #expect(error.elements.map(\.1) == [String(bytes)])
    }

    /// A body may be longer than what it carries, but not by more than its framing.
    @Test func anAWSChunkedDocumentIsMeasuredByWhatItCarries() throws {
        let limit = try limit("PutBucketPolicy")
        var headers: HTTPHeaders = [
            "Content-Length": "70000", "x-amz-decoded-content-length": "65536",
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        ]
        try limit.check(request("PUT", "/bucket?policy", headers))
        headers["x-amz-decoded-content-length"] = "65537"
        #expect(throws: AWSError.self) { try limit.check(request("PUT", "/bucket?policy", headers)) }
        // The header means nothing where the body has no such framing.
        headers["x-amz-decoded-content-length"] = "1"
        headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        #expect(throws: AWSError.self) { try limit.check(request("PUT", "/bucket?policy", headers)) }
    }

    @Test func anUploadIsToldItsSize() throws {
        let error = try #require(throws: AWSError.self) {
            try limit("UploadPart").check(request("PUT", "/bucket/k", ["Content-Length": "5368709121"]))
        }
        #expect(error.code == "EntityTooLarge")
        #expect(error.elements.map(\.1) == ["5368709121", "5368709120"])
    }
}
