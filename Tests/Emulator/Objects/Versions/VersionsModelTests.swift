import Bytes
import Digests
import Seeded
import Store
import Testing

@testable import Objects

/// The versions of a key in memory, the simple way: a list, newest first.
private struct ModelKey {
    struct Version: Equatable {
        /// Nil: `null`.
        var id: String?
        var body: String
        var isMarker: Bool
    }

    var versions: [Version] = []

    var current: Version? { versions.first.flatMap { $0.isMarker ? nil : $0 } }

    mutating func add(_ version: Version, _ versioning: BucketRecord.Versioning) {
        if versioning != .enabled { versions.removeAll { $0.id == nil } }
        versions.insert(version, at: 0)
    }
}

/// Random histories of versions against a model, and the rules of stored state after each.
@Suite struct VersionsModelTests {
    private static let keys = ["a", "a/b", "a\u{1}", "aa", "ü"]

    @Test(arguments: 0..<12)
    func randomHistories(_ number: UInt64) async throws {
        var random = SeededRandom.fresh("randomHistories \(number)")
        let bench = try ObjectsBench()
        try await bench.bucket()
        var versioning = BucketRecord.Versioning.never
        var model: [String: ModelKey] = [:]
        for step in 0..<120 {
            let key = Self.keys[Int(random.next() % UInt64(Self.keys.count))]
            var expected = model[key] ?? ModelKey()
            switch random.next() % 10 {
            case 0:
                versioning = random.next() % 2 == 0 ? .enabled : .suspended
                try await set(versioning, bench)
            case 1...4:
                let body = "step \(step)"
                let answer = try await bench.send("PUT", Self.path(key), [], body.bytes)
                #expect(answer.status == 200)
                let id = answer.headers["x-amz-version-id"]
                #expect((id != nil) == (versioning == .enabled))
                expected.add(.init(id: id, body: body, isMarker: false), versioning)
            case 5, 6:
                let answer = try await bench.send("DELETE", Self.path(key))
                #expect(answer.status == 204)
                let id = answer.headers["x-amz-version-id"]
                if versioning == .never {
                    #expect(id == nil)
                    expected.versions = []
                } else {
                    #expect(answer.headers["x-amz-delete-marker"] == "true")
                    #expect((id == "null") == (versioning == .suspended))
                    expected.add(.init(id: id == "null" ? nil : id, body: "", isMarker: true), versioning)
                }
            default:
                guard !expected.versions.isEmpty else { continue }
                let chosen = Int(random.next() % UInt64(expected.versions.count))
                let version = expected.versions.remove(at: chosen)
                let answer = try await bench.send(
                    "DELETE", Self.path(key) + "?versionId=\(version.id ?? "null")")
                #expect(answer.status == 204)
                #expect((answer.headers["x-amz-delete-marker"] == "true") == version.isMarker)
            }
            model[key] = expected
            try await compare(expected, key, bench, "seed \(random.seed), step \(step)")
        }
        try await compareListing(model, bench, pageSize: 1 + Int(random.next() % 7), "seed \(random.seed)")
        #expect(try bench.store.verify(checks: ObjectsService.checks).problems == [], "seed \(random.seed)")
    }

    private static func path(_ key: String) -> String {
        "/bucket/\(PercentEncoding.encode(key, keeping: .unreservedAndSlash))"
    }

    private func set(_ versioning: BucketRecord.Versioning, _ bench: ObjectsBench) async throws {
        let status = versioning == .enabled ? "Enabled" : "Suspended"
        let document = "<VersioningConfiguration><Status>\(status)</Status></VersioningConfiguration>".bytes
        let digest = Base64.encode(MD5.hash(document))
        let answer = try await bench.send(
            "PUT", "/bucket?versioning", [("Content-MD5", digest)], document)
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func compare(
        _ expected: ModelKey, _ key: String, _ bench: ObjectsBench, _ place: Comment
    ) async throws {
        let current = try await bench.send("GET", Self.path(key))
        #expect(current.status == (expected.current == nil ? 404 : 200), place)
        if let body = expected.current?.body { #expect(current.text == body, place) }
        if expected.versions.first?.isMarker == true {
            #expect(current.headers["x-amz-delete-marker"] == "true", place)
        }
        for version in expected.versions {
            let answer = try await bench.send("GET", Self.path(key) + "?versionId=\(version.id ?? "null")")
            #expect(answer.status == (version.isMarker ? 405 : 200), place)
            if !version.isMarker { #expect(answer.text == version.body, place) }
        }
        if !expected.versions.contains(where: { $0.id == nil }) {
            let answer = try await bench.send("GET", Self.path(key) + "?versionId=null")
            #expect(answer.status == 404, place)
        }
        let stored = try bench.store.read { snapshot in
            let versions = Versions(bucket: "bucket", key: key.bytes)
            var found = try versions.current(in: snapshot).map { [$0] } ?? []
            try versions.scanAside(in: snapshot) {
                found.append($0)
                return true
            }
            return found
        }
        #expect(stored.map(\.version.text) == expected.versions.map { $0.id ?? "null" }, place)
        #expect(stored.map(\.isDeleteMarker) == expected.versions.map(\.isMarker), place)
    }

    private func compareListing(
        _ model: [String: ModelKey], _ bench: ObjectsBench, pageSize: Int, _ place: Comment
    ) async throws {
        let keys = model.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        let expected = keys.flatMap { key in
            (model[key]?.versions ?? []).enumerated().map {
                "\(key) \($1.id ?? "null") \($0 == 0) \($1.isMarker)"
            }
        }
        var listed: [String] = []
        var start = VersionStart.beginning
        while true {
            let listing = ListingScan(
                bucket: "bucket", prefix: [], delimiter: [], start: .beginning, maxKeys: pageSize)
            let page = try bench.store.read {
                try VersionScan(listing: listing, start: start).page(in: $0)
            }
            for case .version(let key, let record, let isLatest) in page.entries {
                listed.append(
                    "\(String(utf8: key)) \(record.version.text) \(isLatest) \(record.isDeleteMarker)")
                start = .afterVersion(key, record.version)
            }
            #expect(page.entries.count <= pageSize, place)
            if !page.isTruncated { break }
        }
        #expect(listed == expected, place)
    }
}
