import Bytes
import Digests
import Foundation
import Store
import Testing

@testable import Objects

/// What happens to uploads that are completed twice, or completed and aborted at once.
@Suite struct CompletedUploadTests {
    private static let gone =
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        + "aborted or completed."

    private static func list(_ body: [UInt8], number: Int = 1) -> [UInt8] {
        ("<CompleteMultipartUpload><Part><PartNumber>\(number)</PartNumber><ETag>\(MD5.hex(body))</ETag></Part>"
            + "</CompleteMultipartUpload>").bytes
    }

    /// An upload of one part that holds `hello`.
    private static func upload(_ bench: ObjectsBench, _ key: String = "k") async throws -> String {
        let answer = try await bench.send("POST", "/bucket/\(key)?uploads")
        let id = try #require(answer.element("UploadId"))
        try await bench.send("PUT", "/bucket/\(key)?uploadId=\(id)&partNumber=1", [], "hello".bytes)
        return id
    }

    private static func remembered(_ bench: ObjectsBench) throws -> Int {
        try bench.store.read { snapshot in
            var count = 0
            try snapshot.scan(
                .objects, from: StorageKeys.allCompletions.from, to: StorageKeys.allCompletions.to
            ) { _, _ in
                count += 1
                return true
            }
            return count
        }
    }

    private static func sweep(_ bench: ObjectsBench) async throws {
        while try await CompletedUploadsSweep.advance(bench.service.core) {}
    }

    @Test func completingAgainGivesTheSameAnswer() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await Self.upload(bench)
        let place = "/bucket/k?uploadId=\(id)"
        let first = try await bench.send("POST", place, [], Self.list("hello".bytes))
        #expect(first.status == 200)
        try await bench.send("PUT", "/bucket/k", [], "newer".bytes)
        let second = try await bench.send("POST", place, [], Self.list("hello".bytes))
        #expect(second.status == 200)
        #expect(second.text == first.text)
        #expect(try await bench.send("GET", "/bucket/k").text == "newer", "nothing happens twice")
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [])
    }

    @Test func anotherListFindsNoUpload() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await Self.upload(bench)
        let place = "/bucket/k?uploadId=\(id)"
        #expect(try await bench.send("POST", place, [], Self.list("hello".bytes)).status == 200)
        let other = Self.list("hello".bytes, number: 2)
        bench.expect(try await bench.send("POST", place, [], other), 404, "NoSuchUpload", Self.gone)
        let elsewhere = "/bucket/other?uploadId=\(id)"
        bench.expect(
            try await bench.send("POST", elsewhere, [], Self.list("hello".bytes)), 404, "NoSuchUpload",
            Self.gone)
        bench.expect(try await bench.send("DELETE", place), 404, "NoSuchUpload", Self.gone)
    }

    @Test func completionsAreForgottenAfterTenMinutes() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let first = try await Self.upload(bench)
        let body = Self.list("hello".bytes)
        try await bench.send("POST", "/bucket/k?uploadId=\(first)", [], body)
        bench.clock.advance(milliseconds: 599_000)
        let second = try await Self.upload(bench)
        try await bench.send("POST", "/bucket/k?uploadId=\(second)", [], body)
        try await Self.sweep(bench)
        #expect(try Self.remembered(bench) == 2)
        bench.clock.advance(milliseconds: 1_000)
        try await Self.sweep(bench)
        #expect(try Self.remembered(bench) == 1)
        #expect(try await bench.send("POST", "/bucket/k?uploadId=\(first)", [], body).status == 404)
        #expect(try await bench.send("POST", "/bucket/k?uploadId=\(second)", [], body).status == 200)
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [])
    }

    @Test func atMostAThousandCompletionsAreKept() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let id = try await Self.upload(bench)
        try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], Self.list("hello".bytes))
        let known = try bench.store.read { try $0.get(.objects, StorageKeys.completedUpload(id)) }
        let completed = try CompletedUpload(decoding: try #require(known))
        try await bench.store.commit { transaction in
            for number in 0..<1_600 { completed.note("copy\(number)", in: transaction) }
        }
        try await Self.sweep(bench)
        #expect(try Self.remembered(bench) == 1_000)
        #expect(
            try await bench.send("POST", "/bucket/k?uploadId=\(id)", [], Self.list("hello".bytes)).status
                == 404)
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [])
    }

    /// Whoever comes first wins; the others hear what S3 says then, and nothing is left behind.
    @Test func racesEndWell() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for round in 0..<30 {
            let id = try await Self.upload(bench, "k\(round)")
            let place = "/bucket/k\(round)?uploadId=\(id)"
            let answers = try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        ("POST", try await bench.send("POST", place, [], Self.list("hello".bytes)).status)
                    }
                }
                group.addTask { ("DELETE", try await bench.send("DELETE", place).status) }
                group.addTask {
                    let part = place + "&partNumber=1"
                    return ("PUT", try await bench.send("PUT", part, [], "hello".bytes).status)
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let completed = answers.filter { $0.0 == "POST" }.map(\.1)
            let aborted = answers.first { $0.0 == "DELETE" }?.1
            if aborted == 204 {
                #expect(completed.allSatisfy { $0 == 404 })
            } else {
                #expect(aborted == 404)
                #expect(completed.contains(200) && completed.allSatisfy { $0 == 200 })
            }
            #expect(answers.allSatisfy { [200, 204, 404].contains($0.1) })
        }
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [])
    }
}
