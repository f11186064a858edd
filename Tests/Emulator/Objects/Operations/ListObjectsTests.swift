import Testing

@Suite struct ListObjectsTests {
    @Test func theWholeDocument() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a b/1", "z"])
        let answer = try await bench.send("GET", "/bucket?delimiter=/&encoding-type=url")
        let owner = try #require(answer.element("ID"))
        #expect(
            answer.text == ObjectsBench.head
                + "<ListBucketResult \(ObjectsBench.namespace)><Name>bucket</Name><Prefix/><Marker/>"
                + "<MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><EncodingType>url</EncodingType>"
                + "<IsTruncated>false</IsTruncated><Contents><Key>z</Key>"
                + "<LastModified>2026-01-02T03:04:05.000Z</LastModified>"
                + "<ETag>&quot;fbade9e36a3f36d3d676c1b808451dd7&quot;</ETag>"
                + "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
                + "<Size>1</Size><Owner><ID>\(owner)</ID></Owner><StorageClass>STANDARD</StorageClass>"
                + "</Contents><CommonPrefixes><Prefix>a+b/</Prefix></CommonPrefixes></ListBucketResult>")
    }

    @Test func nextMarkerOnlyWithADelimiter() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a/1", "a/2", "b", "c/1"])
        let plain = try await bench.send("GET", "/bucket?max-keys=1")
        #expect(plain.element("IsTruncated") == "true")
        #expect(plain.element("NextMarker") == nil)
        let first = try await bench.send("GET", "/bucket?max-keys=1&delimiter=/")
        #expect(first.elements("Prefix").last == "a/")
        #expect(first.element("NextMarker") == "a/")
        let second = try await bench.send("GET", "/bucket?max-keys=1&delimiter=/&marker=a/")
        #expect(second.elements("Key") == ["b"])
        let third = try await bench.send("GET", "/bucket?max-keys=1&delimiter=/&marker=b")
        #expect(third.elements("Prefix").last == "c/")
        #expect(third.element("IsTruncated") == "false")
        #expect(third.element("NextMarker") == nil)
    }

    @Test func parameters() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a/1", "b"])
        let empty = try await bench.send("GET", "/bucket?delimiter=")
        #expect(empty.elements("Key") == ["a/1", "b"])
        #expect(!empty.text.contains("<Delimiter"))
        let none = try await bench.send("GET", "/bucket?max-keys=0")
        #expect(none.elements("Key").isEmpty)
        #expect(none.element("IsTruncated") == "false")
        #expect(try await bench.send("GET", "/bucket?max-keys=5000").element("MaxKeys") == "1000")
        bench.expect(
            try await bench.send("GET", "/bucket?max-keys=-1"), 400, "InvalidArgument",
            "Argument maxKeys must be an integer between 0 and 2147483647")
        bench.expect(
            try await bench.send("GET", "/bucket?max-keys=x"), 400, "InvalidArgument",
            "Provided max-keys not an integer or within integer range")
        for type in ["", "gzip"] {
            bench.expect(
                try await bench.send("GET", "/bucket?encoding-type=\(type)"), 400, "InvalidArgument",
                "Invalid Encoding Method specified in Request",
                ["<ArgumentName>encoding-type</ArgumentName>"])
        }
        bench.expect(
            try await bench.send("GET", "/missing"), 404, "NoSuchBucket",
            "The specified bucket does not exist")
    }

    @Test func aDelimiterMayBeSeveralCharacters() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a--b--c", "a-b", "--x"])
        let answer = try await bench.send("GET", "/bucket?delimiter=--")
        #expect(answer.elements("Key") == ["a-b"])
        #expect(answer.elements("Prefix").suffix(2) == ["--", "a--"])
    }
}
