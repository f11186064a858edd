import AWSProtocol
import Bytes
import Clock
import Digests
import Expressions
import JSON
import Store

/// Where the service says it is.
public struct TablesConfiguration: Sendable {
    public let region: String
    /// Twelve digits.
    public let accountID: String

    public init(region: String, accountID: String) {
        self.region = region
        self.accountID = accountID
    }
}

/// Runs work that takes long on some other thread, and returns after it.
public typealias BlockingRunner = @Sendable (_ work: @escaping @Sendable () -> Void) async throws -> Void

/// Amazon DynamoDB's table service (API version 2012-08-10) on top of a store.
public final class TablesService: Sendable {
    let environment: TableEnvironment

    /// - Parameters:
    ///   - runBlocking: takes reads of much data away from the calling thread; by default it does them all.
    ///   - random: where table ids come from.
    /// - Throws: `StoreError`, or `DefinitionError` when a stored table cannot be read.
    public init(
        store: Store, configuration: TablesConfiguration, clock: any WallClock,
        runBlocking: BlockingRunner? = nil,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) throws {
        environment = TableEnvironment(
            store: store, catalog: try Catalog(loadingFrom: store),
            location: TableLocation(region: configuration.region, accountID: configuration.accountID),
            clock: clock, random: random, runBlocking: runBlocking)
    }

    /// All operations, by their names in `X-Amz-Target`.
    private static let operations: [String: any TableOperation.Type] = [
        "BatchExecuteStatement": BatchExecuteStatement.self, "BatchGetItem": BatchGetItem.self,
        "BatchWriteItem": BatchWriteItem.self,
        "CreateBackup": CreateBackup.self, "CreateTable": CreateTable.self, "DeleteBackup": DeleteBackup.self,
        "DeleteItem": DeleteItem.self, "DeleteTable": DeleteTable.self,
        "DescribeBackup": DescribeBackup.self,
        "DescribeContinuousBackups": DescribeContinuousBackups.self, "DescribeTable": DescribeTable.self,
        "DescribeTimeToLive": DescribeTimeToLive.self,
        "ExecuteStatement": ExecuteStatement.self, "ExecuteTransaction": ExecuteTransaction.self,
        "GetItem": GetItem.self, "ListBackups": ListBackups.self, "ListTables": ListTables.self,
        "PutItem": PutItem.self,
        "Query": Query.self, "RestoreTableFromBackup": RestoreTableFromBackup.self,
        "RestoreTableToPointInTime": RestoreTableToPointInTime.self, "Scan": Scan.self,
        "TransactGetItems": TransactGetItems.self,
        "TransactWriteItems": TransactWriteItems.self,
        "UpdateContinuousBackups": UpdateContinuousBackups.self, "UpdateItem": UpdateItem.self,
        "UpdateTimeToLive": UpdateTimeToLive.self,
        // Tables' settings.
        "DeleteResourcePolicy": DeleteResourcePolicy.self, "DescribeEndpoints": DescribeEndpoints.self,
        "DescribeLimits": DescribeLimits.self, "GetResourcePolicy": GetResourcePolicy.self,
        "ListTagsOfResource": ListTagsOfResource.self, "PutResourcePolicy": PutResourcePolicy.self,
        "TagResource": TagResource.self, "UntagResource": UntagResource.self,
        "UpdateTable": UpdateTable.self,
        // What there is none of.
        "DescribeContributorInsights": DescribeContributorInsights.self,
        "DescribeExport": DescribeAbsent<Exports>.self, "DescribeGlobalTable": DescribeGlobalTable.self,
        "DescribeGlobalTableSettings": DescribeGlobalTable.self,
        "DescribeImport": DescribeAbsent<Imports>.self,
        "DescribeKinesisStreamingDestination": DescribeKinesisStreamingDestination.self,
        "ListContributorInsights": EmptyList<ContributorInsights>.self,
        "ListExports": EmptyList<Exports>.self,
        "ListGlobalTables": ListGlobalTables.self, "ListImports": EmptyList<Imports>.self,
    ]

    /// The service as the endpoint mounts it.
    public var jsonService: JSONService {
        JSONService(
            targetPrefix: "DynamoDB_20120810", signingName: "dynamodb",
            healthText: "healthy: dynamodb.\(environment.location.region).amazonaws.com ",
            knows: { Self.operations[$0] != nil || UnsupportedOperations.reasons[$0] != nil },
            namespace: TableErrors.namespace,
            // With a capture list the compiler takes the closure for one that leaves the caller's actor.
            answer: { operation, input, _ async throws(AWSError) in
                try await self.answer(operation, input)
            },
            immediateOperations: ["GetItem"],
            immediateAnswer: { _, input throws(AWSError) in try self.getItem(input) })
    }

    /// GetItem; nil when a table's definition is in doubt, which takes a wait.
    private func getItem(_ input: JSONInput) throws(AWSError) -> [UInt8]? {
        guard !environment.catalog.isInDoubt else { return nil }
        do {
            return try GetItem.text(GetItem.plan(input, environment), environment)
        } catch {
            throw TableErrors.from(error)
        }
    }

    /// - Returns: JSON text.
    func answer(_ operation: String, _ input: JSONInput) async throws(AWSError) -> [UInt8] {
        let type = try Self.operation(operation)
        do {
            return try await type.answer(input, environment)
        } catch {
            throw TableErrors.from(error)
        }
    }

    func perform(_ operation: String, _ input: JSONObject) async throws(AWSError) -> JSONValue {
        let type = try Self.operation(operation)
        do {
            return try await type.perform(InputReader(input), environment)
        } catch {
            throw TableErrors.from(error)
        }
    }

    private static func operation(_ name: String) throws(AWSError) -> any TableOperation.Type {
        guard let type = operations[name] else {
            throw UnsupportedOperations.error(name) ?? AWSError(code: "UnknownOperationException")
        }
        return type
    }

    /// Creates a table from a CreateTable input unless there is one of its name already. The input may carry
    /// `TimeToLive: {"AttributeName": ...}` and `PointInTimeRecovery: true`, which are then enabled.
    /// - Throws: what CreateTable, UpdateTimeToLive and UpdateContinuousBackups answer.
    public func createTableIfMissing(_ input: JSONObject) async throws(AWSError) {
        var creation = input
        let timeToLive = creation["TimeToLive"]?["AttributeName"]?.string
        creation.removeValue(forKey: "TimeToLive")
        creation.removeValue(forKey: "PointInTimeRecovery")
        let name = input["TableName"]?.string ?? ""
        await environment.catalog.settle(environment.store)
        if environment.catalog.find(name) == nil { _ = try await perform("CreateTable", creation) }
        if input["PointInTimeRecovery"]?.bool == true,
            environment.catalog.find(name)?.definition.recovery == nil
        {
            _ = try await perform(
                "UpdateContinuousBackups",
                [
                    "TableName": .string(name),
                    "PointInTimeRecoverySpecification": ["PointInTimeRecoveryEnabled": true],
                ])
        }
        guard let timeToLive, environment.catalog.find(name)?.timeToLive == nil else { return }
        _ = try await perform(
            "UpdateTimeToLive",
            [
                "TableName": .string(name),
                "TimeToLiveSpecification": ["Enabled": true, "AttributeName": .string(timeToLive)],
            ])
    }

    /// Deletes expired items and forgets old transaction tokens: a bounded amount of work, meant to be called
    /// every second.
    public func sweepExpired() async {
        await Sweeper(environment: environment).run()
        environment.work.wake(environment)
    }

    /// Ends work in the background after its current step. To be called before the store is closed.
    public func stop() async {
        await environment.work.stop()
    }
}

/// What operations work with.
struct TableEnvironment: Sendable {
    let store: Store
    let catalog: Catalog
    let location: TableLocation
    let clock: any WallClock
    let random: @Sendable () -> UInt64
    let runBlocking: BlockingRunner?
    let work = BackgroundWork<TableEnvironment>([
        GarbageCollection.self, Recount.self, CopyWork.self, RestoreWork.self, IndexBackfill.self,
        Sweeper.self, LogRetention.self,
    ])

    /// A `TableId`.
    func newUUID() -> String {
        var random = ClosureGenerator(next64: random)
        return UUID4.make(using: &random)
    }

    /// Commits a change of one or two tables' stored definitions, and has the catalog follow what became of it.
    @discardableResult
    func changeDefinition<R: Sendable>(
        _ name: String, and other: String? = nil, _ body: @escaping @Sendable (Transaction) throws -> R,
        landed: (R) -> Void = { _ in }
    ) async throws -> R {
        do {
            let result = try await store.commit(body)
            landed(result)
            await catalog.readBack(name, from: store)
            if let other { await catalog.readBack(other, from: store) }
            return result
        } catch {
            await catalog.readBack(name, from: store)
            if let other { await catalog.readBack(other, from: store) }
            throw error
        }
    }
}

/// Random bits from the closure that the service was given.
private struct ClosureGenerator: RandomNumberGenerator {
    let next64: @Sendable () -> UInt64
    mutating func next() -> UInt64 { next64() }
}

/// One AWS operation: its input, the plan that validation makes of it, and the run of the plan.
protocol TableOperation: Sendable {
    associatedtype Plan: Sendable

    /// In which words it refuses a request.
    static var wording: Wording { get }

    /// Reads the members by type.
    init(_ input: InputReader) throws(ValidationError)
    /// Checks everything that does not depend on items. Throws `AWSError` or `ValidationError`.
    func validate(_ environment: TableEnvironment) throws -> Plan
    /// What `init` and `validate` make of a request of the usual form, at less cost; nil for any other, and for one
    /// that is refused.
    static func plainPlan(_ body: [UInt8], _ environment: TableEnvironment) -> Plan?
    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue
    /// As `run`, with its answer as JSON text.
    static func text(_ plan: Plan, _ environment: TableEnvironment) async throws -> [UInt8]
}

extension TableOperation {
    static var wording: Wording { .original }

    static func text(_ plan: Plan, _ environment: TableEnvironment) async throws -> [UInt8] {
        try await run(plan, environment).encoded()
    }

    static func perform(_ input: InputReader, _ environment: TableEnvironment) async throws -> JSONValue {
        if environment.catalog.isInDoubt { await environment.catalog.settle(environment.store) }
        return try await run(plan(input, environment), environment)
    }

    static func answer(_ input: JSONInput, _ environment: TableEnvironment) async throws -> [UInt8] {
        if environment.catalog.isInDoubt { await environment.catalog.settle(environment.store) }
        return try await text(plan(input, environment), environment)
    }

    static func plainPlan(_ body: [UInt8], _ environment: TableEnvironment) -> Plan? { nil }

    static func plan(_ input: JSONInput, _ environment: TableEnvironment) throws -> Plan {
        try plainPlan(input.bytes, environment) ?? plan(InputReader(input.object()), environment)
    }

    /// The operation itself is not kept: what is kept over a wait is copied to where waiting code keeps it.
    private static func plan(_ input: InputReader, _ environment: TableEnvironment) throws -> Plan {
        try Self(input).validate(environment)
    }
}

/// An operation that returns items as they are stored, so it writes its answer without making values of them.
protocol TextOperation: TableOperation {}

extension TextOperation {
    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try JSONValue.parse(try await text(plan, environment))
    }
}
