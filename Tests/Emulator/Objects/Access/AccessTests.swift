import Bytes
import Store
import Testing

@testable import Objects

@Suite struct AccessTests {
    private func anonymous(_ bench: ObjectsBench, _ method: String = "GET", _ path: String = "/bucket/k")
        async throws -> Int
    {
        try await bench.send(method, path).status
    }

    /// A bench that tells signed requests from unsigned, with a bucket that is open to policies.
    private func bench(policy: String? = nil) async throws -> ObjectsBench {
        let bench = try ObjectsBench(isStrict: true)
        try await bench.service.createBucketIfMissing("bucket")
        try await change(bench) { record in
            record.publicAccessBlock = nil
            record.documents[.policy] = policy?.bytes
        }
        return bench
    }

    private func change(
        _ bench: ObjectsBench, _ change: @escaping @Sendable (inout BucketRecord) -> Void
    ) async throws {
        try await bench.store.commit { transaction in
            let key = StorageKeys.bucket("bucket")
            var record = try BucketRecord(decoding: try #require(try transaction.get(.objects, key)))
            change(&record)
            transaction.put(.objects, key, record.encoded())
        }
    }

    private static let allow = """
        {"Statement":{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],
        "Resource":"arn:aws:s3:::bucket/*"}}
        """

    /// The store knows when buckets change by their keys' first byte.
    @Test func bucketsStandUnderSteadyKeys() {
        #expect(StorageKeys.bucket("bucket").first == Keyspace.objects.steadyKind)
        #expect(StorageKeys.object("bucket", [1]).first != Keyspace.objects.steadyKind)
    }

    @Test func changesOfAPolicyCountAtOnce() async throws {
        let bench = try await bench(policy: Self.allow)
        #expect(try await anonymous(bench, "PUT") == 200)
        for _ in 0..<20 {
            #expect(try await anonymous(bench) == 200)
            try await change(bench) { $0.documents[.policy] = nil }
            #expect(try await anonymous(bench) == 403)
            try await change(bench) { $0.documents[.policy] = Self.allow.bytes }
        }
    }

    /// New ones of the kind are refused; an earlier version of this program took them.
    @Test func aStoredPolicyThatWouldBeRefusedTodayClosesNoBucket() async throws {
        let bench = try await bench(policy: Self.allow)
        #expect(try await anonymous(bench, "PUT") == 200)
        try await change(bench) {
            $0.documents[.policy] =
                Self.allow.replacing(#""Principal":"*""#, with: #""NotPrincipal":"*""#).bytes
        }
        #expect(try await anonymous(bench) == 403)
        try await change(bench) { $0.documents[.policy] = Self.allow.bytes }
        #expect(try await anonymous(bench) == 200)
    }

    @Test func whatIsKeptOfManyBucketsIsBounded() async throws {
        let bench = try await bench(policy: Self.allow)
        #expect(try await anonymous(bench, "PUT") == 200)
        for number in 0..<1100 {
            try await bench.service.createBucketIfMissing("bucket-\(number)")
            #expect(try await anonymous(bench, "GET", "/bucket-\(number)/k") == 403)
        }
        #expect(try await anonymous(bench) == 200)
    }

    @Test func bucketsOfEarlierReleasesAreClosedToo() throws {
        var writer = RecordWriter(version: 1)
        writer.put(ObjectsBench.start)
        writer.put("us-east-1")
        writer.put(UInt32(0))
        let record = try BucketRecord(decoding: writer.bytes)
        #expect(record.publicAccessBlock == .everything)
        #expect(record.objectOwnership == .bucketOwnerEnforced)
        #expect(try BucketRecord(decoding: record.encoded()).publicAccessBlock == .everything)
    }

    @Test(arguments: 0..<16) func settingsOfTheBlockSurviveStoring(_ bits: Int) throws {
        var record = BucketRecord(created: ObjectsBench.start, region: "us-east-1")
        record.publicAccessBlock = PublicAccessBlock(
            blockPublicAcls: bits & 1 != 0, ignorePublicAcls: bits & 2 != 0, blockPublicPolicy: bits & 4 != 0,
            restrictPublicBuckets: bits & 8 != 0)
        #expect(try BucketRecord(decoding: record.encoded()).publicAccessBlock == record.publicAccessBlock)
    }

    @Test func listsSurviveStoring() throws {
        var list = AccessControlList(privateTo: String(repeating: "a", count: 64))
        for permission in AccessControlList.Permission.allCases {
            for group in AccessControlList.Group.allCases {
                list.grants.append(.init(grantee: .group(group), permission: permission))
            }
        }
        #expect(try AccessControlList(decoding: list.encoded()) == list)
        for length in 0..<list.encoded().count {
            #expect(throws: RecordError.self) {
                try AccessControlList(decoding: Array(list.encoded().prefix(length)))
            }
        }
    }
}
