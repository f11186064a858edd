import AWSProtocol
import Clock
import Foundation
import JSON
import Store
import Testing

@testable import Expressions
@testable import Tables

/// A table service on a store of its own in a temporary folder.
final class TestTables: Sendable {
    let service: TablesService
    let store: Store
    let clock: ManualClock
    let folder: String

    init(_ options: Store.Options = .init()) throws {
        folder = NSTemporaryDirectory() + "tables-test-\(UUID().uuidString)"
        clock = ManualClock(Timestamp(seconds: 1_700_000_000))
        store = try Store.open(at: folder, options: options, clock: clock)
        service = try Self.service(store, clock)
    }

    static func service(_ store: Store, _ clock: ManualClock) throws -> TablesService {
        try TablesService(
            store: store, configuration: .init(region: "us-east-1", accountID: "000000000000"), clock: clock)
    }

    func close() {
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @discardableResult
    func call(_ operation: String, _ input: String) async throws -> JSONValue {
        try JSONValue.parse(await service.answer(operation, JSONInput(Array(input.utf8))))
    }

    /// `Code: message` of the error an operation answers, or its answer when there is none.
    func fault(_ operation: String, _ input: String) async -> String {
        await Self.fault { () throws in try await self.call(operation, input) }
    }

    static func fault(_ body: () async throws -> JSONValue) async -> String {
        do {
            let output = try await body()
            return "no error: \(output.encodedString())"
        } catch let error as AWSError {
            return error.message.map { "\(error.code): \($0)" } ?? error.code
        } catch {
            return "another error: \(error)"
        }
    }

    func awsError(_ operation: String, _ input: String) async -> AWSError? {
        do {
            _ = try await call(operation, input)
            return nil
        } catch {
            return error as? AWSError
        }
    }
}

/// Runs a test body with its own service and cleans up after it.
func withTables(
    _ options: Store.Options = .init(), _ body: (TestTables) async throws -> Void
) async throws {
    let tables = try TestTables(options)
    defer { tables.close() }
    try await body(tables)
}

func expectJSON(_ found: JSONValue, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
{
    let wanted = try JSONValue.parse(expected)
    #expect(
        found == wanted, "found \(found.encodedString()), expected \(expected)",
        sourceLocation: sourceLocation)
}

/// Tables that tests use, as CreateTable inputs.
enum Schemas {
    static let hash =
        #"{"TableName":"hash","BillingMode":"PAY_PER_REQUEST","#
        + #""AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"#
        + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#

    static func range(_ type: String, name: String = "range") -> String {
        #"{"TableName":"\#(name)","BillingMode":"PAY_PER_REQUEST","#
            + #""AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","#
            + #""AttributeType":"\#(type)"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},"#
            + #"{"AttributeName":"sk","KeyType":"RANGE"}]}"#
    }

    /// Global indexes of each projection, and local ones.
    static let indexed =
        #"{"TableName":"indexed","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":["#
        + #"{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},"#
        + #"{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"},"#
        + #"{"AttributeName":"b","AttributeType":"B"}],"KeySchema":[{"AttributeName":"pk","#
        + #""KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"#
        + #""GlobalSecondaryIndexes":[{"IndexName":"all","KeySchema":[{"AttributeName":"g","#
        + #""KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"#
        + #""Projection":{"ProjectionType":"ALL"}},{"IndexName":"keys","KeySchema":[{"AttributeName":"g","#
        + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}},{"IndexName":"some","#
        + #""KeySchema":[{"AttributeName":"b","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"#
        + #""Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]}}],"#
        + #""LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"pk","#
        + #""KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"#
        + #""Projection":{"ProjectionType":"KEYS_ONLY"}}]}"#
}
