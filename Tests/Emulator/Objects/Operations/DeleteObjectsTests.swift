import Bytes
import Digests
import Testing

@Suite struct DeleteObjectsTests {
    private func delete(_ bench: ObjectsBench, _ xml: String) async throws -> ObjectsBench.Answer {
        try await bench.send(
            "POST", "/bucket?delete", [("Content-MD5", Base64.encode(MD5.hash(xml.bytes)))], xml.bytes)
    }

    @Test func deletesAndReports() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a", "b&c", "d"])
        let answer = try await delete(
            bench,
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object>"
                + "<Object><Key>b&amp;c</Key></Object><Object><Key>absent</Key></Object></Delete>")
        #expect(
            answer.text == ObjectsBench.head
                + "<DeleteResult \(ObjectsBench.namespace)><Deleted><Key>a</Key></Deleted>"
                + "<Deleted><Key>b&amp;c</Key></Deleted><Deleted><Key>absent</Key></Deleted></DeleteResult>")
        #expect(try await bench.send("GET", "/bucket").elements("Key") == ["d"])
    }

    @Test func quietShowsErrorsOnly() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket(keys: ["a", "b"])
        let answer = try await delete(
            bench,
            "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>b</Key>"
                + "<ETag>wrong</ETag></Object><Object><Key>c</Key><VersionId>"
                + "\(String(repeating: "v", count: 32))</VersionId></Object></Delete>")
        #expect(answer.elements("Deleted").isEmpty)
        #expect(answer.elements("Code") == ["PreconditionFailed", "NoSuchVersion"])
        #expect(try await bench.send("GET", "/bucket").elements("Key") == ["b"])
    }

    @Test func refusals() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        bench.expect(
            try await bench.send("POST", "/bucket?delete", [], "<Delete/>".bytes), 400, "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        let thousandAndOne =
            "<Delete>" + (0...1000).map { "<Object><Key>\($0)</Key></Object>" }.joined() + "</Delete>"
        for xml in ["<Delete/>", "rubbish", "<Delete><Object/></Delete>", thousandAndOne] {
            bench.expect(
                try await delete(bench, xml), 400, "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema")
        }
    }
}
