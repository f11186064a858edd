import Bytes
import Clock
import Testing

@testable import Objects

@Suite struct ObjectLockTests {
    /// Dates in S3's words, standard and summer time, at both changes of 2026.
    @Test(arguments: [
        ("2020-01-01T00:00:00Z", "Tue Dec 31 16:00:00 PST 2019"),
        ("2026-07-04T12:30:45Z", "Sat Jul 04 05:30:45 PDT 2026"),
        ("2026-03-08T09:59:59Z", "Sun Mar 08 01:59:59 PST 2026"),
        ("2026-03-08T10:00:00Z", "Sun Mar 08 03:00:00 PDT 2026"),
        ("2026-11-01T08:59:59Z", "Sun Nov 01 01:59:59 PDT 2026"),
        ("2026-11-01T09:00:00Z", "Sun Nov 01 01:00:00 PST 2026"),
    ])
    func datesAsS3PrintsThem(_ iso: String, _ printed: String) throws {
        #expect(RetainUntil.pacific(try #require(Timestamp(iso8601: iso))) == printed)
    }

    @Test(arguments: [
        nil,
        ObjectLockConfiguration.DefaultRetention(mode: .governance, period: .days(30)),
        ObjectLockConfiguration.DefaultRetention(mode: .compliance, period: .years(7)),
    ])
    func configurationsAreReadAsTheyWereWritten(
        _ retention: ObjectLockConfiguration.DefaultRetention?
    ) throws {
        var configuration = ObjectLockConfiguration()
        configuration.defaultRetention = retention
        var bucket = BucketRecord(newAt: ObjectsBench.start, region: "us-east-1")
        #expect(try ObjectLockConfiguration(of: bucket) == nil)
        bucket.documents[.objectLock] = configuration.encoded()
        #expect(try ObjectLockConfiguration(of: bucket) == configuration)
    }

    /// The clock decides, to the millisecond.
    @Test func aRetentionEnds() async throws {
        let bench = try ObjectsBench()
        #expect(
            try await bench.send("PUT", "/bucket", [("x-amz-bucket-object-lock-enabled", "true")]).status
                == 200)
        let put = try await bench.send(
            "PUT", "/bucket/k",
            [
                ("x-amz-object-lock-mode", "COMPLIANCE"),
                ("x-amz-object-lock-retain-until-date", (ObjectsBench.start + 5000).iso8601),
                ("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="),
            ], "hello".bytes)
        let version = try #require(put.headers["x-amz-version-id"])
        bench.clock.advance(milliseconds: 4999)
        bench.expect(
            try await bench.send("DELETE", "/bucket/k?versionId=\(version)"), 403, "AccessDenied",
            "Access Denied because object protected by object lock.")
        bench.clock.advance(milliseconds: 1)
        #expect(try await bench.send("DELETE", "/bucket/k?versionId=\(version)").status == 204)
    }
}
