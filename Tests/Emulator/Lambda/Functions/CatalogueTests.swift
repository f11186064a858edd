import AWSProtocol
import Clock
import Foundation
import JSON
import Net
import Store
import Testing

@testable import Lambda

/// What is stored of functions and layers, and the copy of it in memory.
@Suite struct CatalogueTests {
    private static func code(_ blob: String = "b") -> CodeRecord {
        CodeRecord(blob: blob, size: 3, digest: "d", unzippedSize: 7)
    }

    private static func function(_ name: String, layers: [JSONValue] = []) -> FunctionRecord {
        var record = FunctionRecord(name: name)
        record.latest = VersionRecord(
            version: "$LATEST", settings: ["Layers": .array(layers)], code: code(),
            modified: Timestamp(milliseconds: 5), revision: "r", content: "c")
        return record
    }

    @EventLoop private func withStore(
        _ faults: FaultInjector = .none, _ body: (Store) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "catalogue-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try Store.open(at: folder, options: .init(faults: faults))
        defer { store.close() }
        try await body(store)
    }

    @Test func aFunctionThatTheManifestHidesIsNotTouched() async throws {
        try await Workshop().use { shop in
            let hidden = Self.function("f")
            try await shop.store.commit { $0.put(.functions, FunctionKeys.function("f"), hidden.encoded()) }
            await shop.service.pause()
            await shop.service.use(LambdaState(store: shop.store))
            try await shop.service.change("f") { $0.reserved = 5 }
            #expect(await shop.service.known("f")?.reserved == 5)
            let stored = try shop.store.read { try $0.get(.functions, FunctionKeys.function("f")) }
            #expect(stored == hidden.encoded())
        }
    }

    @Test func settingsOfTheManifestsFunctionsOfEarlierVersionsAreMoved() async throws {
        try await withStore { store in
            var old = FunctionRecord(name: "f")
            old.reserved = 3
            let bytes = old.encoded()
            try await store.commit { $0.put(.functions, FunctionKeys.function("f"), bytes) }
            let catalogue = await FunctionCatalogue(store: store)
            #expect(await catalogue.overlays["f"] == old)
            #expect(await catalogue.functions["f"] == nil)
            var new = old
            new.reserved = 4
            try await catalogue.put(new, instead: old)
            #expect(try store.read { try $0.get(.functions, FunctionKeys.function("f")) } == nil)
            #expect(await FunctionCatalogue(store: store).overlays["f"] == new)
        }
    }

    @Test func aChangeThatFailedAndHappenedAllTheSameIsKnown() async throws {
        try await withStore(.fail(at: .commitAcknowledge)) { store in
            let catalogue = await FunctionCatalogue(store: store)
            await #expect(throws: AWSError.self) {
                try await catalogue.put(Self.function("f"), instead: nil)
            }
            #expect(await catalogue.functions["f"] == nil)
            await catalogue.lock("f")
            await catalogue.unlock("f")
            #expect(await catalogue.functions["f"] == Self.function("f"))
        }
    }

    @Test func namesOfUnreadableRecordsAreNotGivenAway() async throws {
        try await withStore { store in
            let damaged = Array("{}".utf8)
            try await store.commit { $0.put(.functions, FunctionKeys.function("f"), damaged) }
            let catalogue = await FunctionCatalogue(store: store)
            await #expect(throws: AWSError.self) {
                try await catalogue.put(Self.function("f"), instead: nil)
            }
            try await catalogue.put(Self.function("g"), instead: nil)
            let stored = try store.read { try $0.get(.functions, FunctionKeys.function("f")) }
            #expect(stored == damaged)
        }
    }

    @Test func settingsAsDeepAsRequestsMayBeCanBeReadAgain() throws {
        var deep: JSONValue = 1
        for _ in 0..<62 { deep = ["a": deep] }
        var record = Self.function("f")
        record.latest?.settings["TenancyConfig"] = deep
        #expect(try FunctionRecord(decoding: record.encoded()) == record)
    }

    @Test func layersAreInUseHoweverTheirARNsAreWritten() async throws {
        try await withStore { store in
            let catalogue = await FunctionCatalogue(store: store)
            let arn = "arn:aws-cn:lambda:us-east-1:000000000000:layer:x:01"
            try await catalogue.put(Self.function("f", layers: [.string(arn)]), instead: nil)
            #expect(await catalogue.usedLayers == [LayerVersionKey(name: "x", number: 1)])
        }
    }

    @Test func codeOfAnotherStoreIsNotReferredTo() async throws {
        try await withStore { store in
            try await withStore { other in
                let catalogue = await FunctionCatalogue(store: store)
                let blob = try #require(BlobID(String(repeating: "0", count: 32)))
                let taken = CodeIntake.Taken(code: Self.code(), blob: blob, store: other)
                await #expect(throws: AWSError.self) {
                    try await catalogue.put(Self.function("f"), instead: nil, adopting: taken)
                }
                #expect(await catalogue.functions["f"] == nil)
            }
        }
    }

    @Test func verificationMissesLayersThatAreNotStored() async throws {
        try await withStore { store in
            let catalogue = await FunctionCatalogue(store: store)
            let arn = "arn:aws:lambda:us-east-1:000000000000:layer:x:1"
            try await catalogue.put(Self.function("f", layers: [.string(arn)]), instead: nil)
            let problems = try store.verify(checks: LambdaService.checks).problems
            #expect(problems.contains { $0.contains("refers to layer x:1, which is not stored") })
        }
    }
}
