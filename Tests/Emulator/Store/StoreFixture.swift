import Clock
import Foundation
import Store
import Testing

/// A folder of its own for one test, removed at its end.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "store-test-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var store: String { path + "/data" }
}

/// The full check that ends each test.
func expectSound(_ store: Store, _ location: SourceLocation = #_sourceLocation) throws {
    let report = try store.verify()
    #expect(report.problems == [], sourceLocation: location)
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension Store {
    func value(_ key: String, _ keyspace: Keyspace = .items) throws -> String? {
        try read { try $0.get(keyspace, bytes(key)) }.map { String(decoding: $0, as: UTF8.self) }
    }

    func put(_ key: String, _ value: String, _ keyspace: Keyspace = .items) async throws {
        try await commit { $0.put(keyspace, bytes(key), bytes(value)) }
    }

    func keys(
        from: String = "", to: String? = nil, reverse: Bool = false, limit: Int = .max
    ) throws -> [String] {
        try read { snapshot in
            var found: [String] = []
            try snapshot.scan(.items, from: bytes(from), to: to.map(bytes), reverse: reverse) { key, _ in
                found.append(String(decoding: key, as: UTF8.self))
                return found.count < limit
            }
            return found
        }
    }
}

/// Files below the blob folder, and staged ones.
func blobFiles(_ path: String) -> [String] {
    let everything = FileManager.default.enumerator(atPath: path + "/blobs")?.allObjects as? [String] ?? []
    return everything.filter { $0.split(separator: "/").count == 3 }
}

/// Runs blocking work on a thread of its own: the tasks' few threads must not be blocked by tests.
func onThread<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
