import Clock
import Foundation
import JSON
import Store
import Testing

@testable import Tables

/// A definition's commit fails, having landed (`commitAcknowledge`) or not (`commitWrite`): in both cases the
/// tables in memory are what the store says.
@Suite struct FailedCommitTests {
    static let points = [FaultPoint.commitWrite, .commitAcknowledge]
    static let put = #"{"TableName":"hash","Item":{"pk":{"S":"a"},"ttl":{"N":"1699999999"}}}"#
    static let named = #"{"TableName":"hash"}"#

    static func options(_ point: FaultPoint, _ occurrence: Int) -> Store.Options {
        Store.Options(faults: .fail(at: point, occurrence: occurrence))
    }

    /// What a service that starts now would answer is what the running one answers.
    static func expectTruth(_ tables: TestTables) async throws {
        for operation in ["ListTables", "DescribeTable", "DescribeTimeToLive"] {
            let input = operation == "ListTables" ? "{}" : named
            let running = await tables.fault(operation, input)
            let fresh = try TestTables.service(tables.store, tables.clock)
            let object = try JSONValue.parse(input).object ?? JSONObject()
            let expected = await TestTables.fault { () throws in try await fresh.perform(operation, object) }
            #expect(running == expected)
        }
    }

    @Test(arguments: points)
    func createTable(point: FaultPoint) async throws {
        try await withTables(Self.options(point, 1)) { tables in
            #expect(await tables.fault("CreateTable", Schemas.hash).hasPrefix("InternalServerError"))
            let put = await tables.fault("PutItem", Self.put)
            let create = await tables.fault("CreateTable", Schemas.hash)
            if point == .commitAcknowledge {
                #expect(put == "no error: {}")
                #expect(create.hasPrefix("ResourceInUseException"))
            } else {
                #expect(put.hasPrefix("ResourceNotFoundException"))
                #expect(create.hasPrefix("no error"))
            }
            try await Self.expectTruth(tables)
        }
    }

    @Test(arguments: points)
    func deleteTable(point: FaultPoint) async throws {
        try await withTables(Self.options(point, 3)) { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", Self.put)
            #expect(await tables.fault("DeleteTable", Self.named).hasPrefix("InternalServerError"))
            let put = await tables.fault("PutItem", Self.put)
            if point == .commitAcknowledge {
                #expect(put.hasPrefix("ResourceNotFoundException"))
                try await tables.call("CreateTable", Schemas.hash)
                #expect(try await tables.call("Scan", Self.named)["Count"] == 0)
            } else {
                #expect(put == "no error: {}")
                #expect(try await tables.call("Scan", Self.named)["Count"] == 1)
            }
            try await Self.expectTruth(tables)
        }
    }

    @Test(arguments: points)
    func enableTimeToLive(point: FaultPoint) async throws {
        try await withTables(Self.options(point, 2)) { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await tables.fault("UpdateTimeToLive", TimeToLiveTests.enable)
                    .hasPrefix("InternalServerError"))
            try await tables.call("PutItem", Self.put)
            try await Self.expectTruth(tables)
            await tables.service.sweepExpired()
            let left = try await tables.call("Scan", Self.named)["Count"]
            #expect(left == (point == .commitAcknowledge ? 0 : 1))
        }
    }

    /// The DeleteTable that fails was planned before the UpdateTimeToLive that succeeds was carried out.
    @Test(arguments: points)
    func aFailureKeepsAnEarlierChange(point: FaultPoint) async throws {
        var options = Self.options(point, 3)
        options.batchLimit = 1
        try await withTables(options) { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let gate = DispatchSemaphore(value: 0)
            async let blocker: Void = tables.store.commit { _ in gate.wait() }
            try await Task.sleep(for: .milliseconds(100))
            async let update = tables.fault("UpdateTimeToLive", TimeToLiveTests.enable)
            try await Task.sleep(for: .milliseconds(100))
            async let delete = tables.fault("DeleteTable", Self.named)
            try await Task.sleep(for: .milliseconds(100))
            gate.signal()
            try await blocker
            _ = await (update, delete)
            try await Self.expectTruth(tables)
        }
    }
}
