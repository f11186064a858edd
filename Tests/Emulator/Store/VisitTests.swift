import Store
import Testing

/// Reads that copy nothing must find what the others find.
@Suite struct VisitTests {
    let folder = TemporaryFolder()

    static func found(
        _ store: Store, from: String, to: String?, reverse: Bool, limit: Int
    ) throws -> (copied: [String], visited: [String]) {
        try store.read { snapshot in
            var (copied, visited): ([String], [String]) = ([], [])
            try snapshot.scan(.items, from: bytes(from), to: to.map(bytes), reverse: reverse) { key, value in
                copied.append(String(decoding: key + [0x3D] + value, as: UTF8.self))
                return copied.count < limit
            }
            try snapshot.visit(.items, from: bytes(from), to: to.map(bytes), reverse: reverse) { key, value in
                visited.append(String(decoding: Array(key) + [0x3D] + Array(value), as: UTF8.self))
                return visited.count < limit
            }
            return (copied, visited)
        }
    }

    @Test func rangesAreTheSame() async throws {
        let store = try Store.open(at: folder.store)
        for key in ["a", "ab", "b", "ba", "c", ""] { try await store.put(key, "v" + key) }
        try await store.commit { $0.delete(.items, bytes("ba")) }
        for from in ["", "a", "aa", "b", "z"] {
            for to in [nil, "", "a", "b", "bz", "z"] {
                for reverse in [false, true] {
                    for limit in [1, 2, 100] {
                        let (copied, visited) = try Self.found(
                            store, from: from, to: to, reverse: reverse, limit: limit)
                        #expect(copied == visited, "\(from) to \(to ?? "the end"), reverse: \(reverse)")
                    }
                }
            }
        }
        try expectSound(store)
    }

    @Test func singleValues() async throws {
        let store = try Store.open(at: folder.store)
        try await store.put("a", "old")
        try await store.put("empty", "")
        func newest(_ key: String) throws -> String? {
            try store.readOne(.items, bytes(key)) { $0.map { String(decoding: $0, as: UTF8.self) } }
        }
        #expect(try newest("a") == "old")
        #expect(try newest("empty") == "")
        #expect(try newest("none") == nil)
        #expect(try store.readOne(.objects, bytes("a")) { $0 == nil })
        let seen = try store.read { snapshot in
            try bytes("a").withUnsafeBytes { key in
                try snapshot.visit(.items, key) { $0.map { String(decoding: $0, as: UTF8.self) } }
            }
        }
        #expect(seen == "old")
        try await store.put("a", "new")
        #expect(try newest("a") == "new")
        store.close()
        #expect(throws: StoreError.closed) { try newest("a") }
    }
}
