import Bytes
import Clock
import Digests
import HTTPTypes
import Store
import Testing

@testable import Objects

extension ObjectsBench {
    static let day: Int64 = 86_400_000

    /// Puts rules, given as what stands between `<Rule>` and `</Rule>` beside ID and Status.
    func rules(
        _ rules: String..., bucket: String = "bucket", headers: [(String, String)] = []
    ) async throws {
        let elements = rules.enumerated().map {
            "<Rule><ID>r\($0)</ID><Status>Enabled</Status>\($1)</Rule>"
        }
        let body = "<LifecycleConfiguration>\(elements.joined())</LifecycleConfiguration>".bytes
        let answer = try await send(
            "PUT", "/\(bucket)?lifecycle", [("Content-MD5", Base64.encode(MD5.hash(body)))] + headers, body)
        #expect(answer.status == 200, "\(answer.text)")
        // The sweep that this asks for must not do what a test wants to count.
        await service.core.work.finish()
    }

    func versioning(_ status: String = "Enabled", bucket: String = "bucket") async throws {
        let body = "<VersioningConfiguration><Status>\(status)</Status></VersioningConfiguration>".bytes
        let answer = try await send(
            "PUT", "/\(bucket)?versioning", [("Content-MD5", Base64.encode(MD5.hash(body)))], body)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// Lets days pass. Work under way must not see the new time before the test has counted what is due then.
    func wait(days: Int64) async {
        await service.core.work.finish()
        clock.advance(milliseconds: days * Self.day)
    }

    /// Lets days pass, and carries the rules out.
    @discardableResult
    func pass(days: Int64, bucket: String = "bucket") async throws -> LifecycleReport.Counts {
        await wait(days: days)
        let counts = try await service.runLifecycle().buckets[bucket] ?? .init()
        // The clock has the emulator sweep as well: not while the next days pass.
        await service.core.work.finish()
        return counts
    }

    func exists(_ key: String, bucket: String = "bucket") async throws -> Bool {
        try await send("HEAD", "/\(bucket)/\(key)").status == 200
    }

    /// Every version and delete marker of a key, newest first.
    func versions(_ key: String, bucket: String = "bucket") throws -> [ObjectRecord] {
        let versions = Versions(bucket: bucket, key: key.bytes)
        return try store.read { snapshot in
            var found = try [versions.current(in: snapshot)].compactMap(\.self)
            try versions.scanAside(in: snapshot) {
                found.append($0)
                return true
            }
            return found
        }
    }

    func change(_ key: String, _ body: @escaping @Sendable (inout ObjectRecord) -> Void) async throws {
        let versions = Versions(bucket: "bucket", key: key.bytes)
        try await store.commit { transaction in
            guard var record = try versions.current(in: transaction) else { return }
            body(&record)
            try versions.update(record, in: transaction)
        }
    }

    func storageClass(_ key: String) throws -> String? { try versions(key).first?.attributes.storageClass }
}
