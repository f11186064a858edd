import Bytes
import Testing

@testable import Objects

@Suite struct CreateBucketTests {
    private func constraint(_ region: String) -> [UInt8] {
        "<CreateBucketConfiguration><LocationConstraint>\(region)</LocationConstraint></CreateBucketConfiguration>"
            .bytes
    }

    @Test func createsAndIsRepeatableInTheOldestRegion() async throws {
        let bench = try ObjectsBench()
        let answer = try await bench.send("PUT", "/my-bucket")
        #expect(answer.status == 200)
        #expect(answer.headers["Location"] == "/my-bucket")
        #expect(answer.headers["x-amz-bucket-arn"] == "arn:aws:s3:::my-bucket")
        #expect(answer.bytes.isEmpty)
        #expect(try await bench.send("PUT", "/my-bucket").status == 200)
    }

    @Test func elsewhereTheOwnerIsTold() async throws {
        let bench = try ObjectsBench(region: "eu-central-1")
        let body = constraint("eu-central-1")
        let answer = try await bench.send("PUT", "/my-bucket", [], body)
        #expect(answer.headers["Location"] == "http://my-bucket.s3.amazonaws.com/")
        bench.expect(
            try await bench.send("PUT", "/my-bucket", [], body), 409, "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            ["<BucketName>my-bucket</BucketName>"])
        bench.expect(
            try await bench.send("PUT", "/other"), 400, "IllegalLocationConstraintException",
            "The unspecified location constraint is incompatible for the region specific endpoint this "
                + "request was sent to.")
    }

    @Test func constraints() async throws {
        let bench = try ObjectsBench()
        for wrong in ["us-east-1", "moon"] {
            bench.expect(
                try await bench.send("PUT", "/my-bucket", [], constraint(wrong)), 400,
                "InvalidLocationConstraint", "The specified location-constraint is not valid")
        }
        bench.expect(
            try await bench.send("PUT", "/my-bucket", [], "<oops".bytes), 400, "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema")
    }

    @Test(arguments: [
        "ab", "Upper", "under_score", "-dash", "dash-", "a..b", "a.-b", "a-.b", "192.168.0.1", "xn--abc",
        "sthree-x",
        "amzn-s3-demo-x", "abc-s3alias", "abc--ol-s3", "abc.mrap", "abc--x-s3",
        String(repeating: "a", count: 64),
    ])
    func refusesNames(_ name: String) async throws {
        let bench = try ObjectsBench()
        bench.expect(
            try await bench.send("PUT", "/\(name)"), 400, "InvalidBucketName",
            "The specified bucket is not valid.", ["<BucketName>\(name)</BucketName>"])
    }

    @Test(arguments: ["abc", "a.b-c.9", "1.2.3", "1.2.3.x", String(repeating: "a", count: 63)])
    func acceptsNames(_ name: String) async throws {
        #expect(BucketName.isValid(name))
    }
}
