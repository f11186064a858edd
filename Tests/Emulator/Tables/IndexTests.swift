import JSON
import Seeded
import Store
import Testing

@testable import Expressions
@testable import Tables

@Suite struct IndexTests {
    static func put(_ tables: TestTables, _ sk: String, _ attributes: String) async throws {
        try await tables.call(
            "PutItem", #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"\#(sk)"}\#(attributes)}}"#)
    }

    static func query(_ index: String, _ condition: String, _ values: String, _ more: String = "") -> String {
        QueryTests.query(condition, values, #","IndexName":"\#(index)"\#(more)"#, table: "indexed")
    }

    @Test func projectionsAndOrder() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await Self.put(tables, "1", #","g":{"S":"g"},"n":{"N":"10"},"x":{"S":"x1"},"y":{"S":"y1"}"#)
            try await Self.put(
                tables, "2", #","g":{"S":"g"},"n":{"N":"9"},"b":{"B":"AAAA"},"x":{"S":"x2"},"y":{"S":"y2"}"#)
            try await Self.put(tables, "3", #","g":{"S":"g"},"y":{"S":"y3"}"#)
            try await Self.put(tables, "4", #","y":{"S":"y4"}"#)
            let g = #"{":g":{"S":"g"}}"#
            // Items without `n` are not in the index, and numbers are in numeric order.
            try expectJSON(
                try await tables.call("Query", Self.query("all", "g = :g", g)),
                #"{"Items":[{"pk":{"S":"p"},"sk":{"S":"2"},"g":{"S":"g"},"n":{"N":"9"},"#
                    + #""b":{"B":"AAAA"},"x":{"S":"x2"},"y":{"S":"y2"}},{"pk":{"S":"p"},"sk":{"S":"1"},"#
                    + #""g":{"S":"g"},"n":{"N":"10"},"x":{"S":"x1"},"y":{"S":"y1"}}],"Count":2,"#
                    + #""ScannedCount":2}"#)
            let keys = try await tables.call("Query", Self.query("keys", "g = :g", g))
            #expect(keys["Count"] == 3)
            try expectJSON(keys["Items"]?[0] ?? .null, #"{"pk":{"S":"p"},"sk":{"S":"1"},"g":{"S":"g"}}"#)
            try expectJSON(
                try await tables.call("Query", Self.query("some", "b = :b", #"{":b":{"B":"AAAA"}}"#)),
                #"{"Items":[{"pk":{"S":"p"},"sk":{"S":"2"},"b":{"B":"AAAA"},"x":{"S":"x2"}}],"Count":1,"#
                    + #""ScannedCount":1}"#
            )
            let scan = try await tables.call("Scan", #"{"TableName":"indexed","IndexName":"all"}"#)
            #expect(scan["Count"] == 2)
            let local = try await tables.call(
                "Query", Self.query("local", "pk = :p AND n > :n", #"{":p":{"S":"p"},":n":{"N":"9"}}"#))
            try expectJSON(
                local,
                #"{"Items":[{"pk":{"S":"p"},"sk":{"S":"1"},"n":{"N":"10"}}],"Count":1,"ScannedCount":1}"#)
            // A local index reaches into the table for what it lacks, at a price.
            let fetched = try await tables.call(
                "Query",
                Self.query(
                    "local", "pk = :p", #"{":p":{"S":"p"}}"#,
                    #","ProjectionExpression":"y","ReturnConsumedCapacity":"INDEXES""#))
            try expectJSON(fetched["Items"] ?? .null, #"[{"y":{"S":"y2"}},{"y":{"S":"y1"}}]"#)
            try expectJSON(
                fetched["ConsumedCapacity"] ?? .null,
                #"{"TableName":"indexed","CapacityUnits":1.5,"Table":{"CapacityUnits":1.0},"#
                    + #""LocalSecondaryIndexes":{"local":{"CapacityUnits":0.5}}}"#)
        }
    }

    @Test func startKeysHoldBothKeys() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            // All entries have the same index key.
            for number in 0..<7 { try await Self.put(tables, "\(number)", #","g":{"S":"g"},"n":{"N":"1"}"#) }
            for forward in [true, false] {
                var start = ""
                var seen: [String] = []
                repeat {
                    let page = try await tables.call(
                        "Query",
                        Self.query(
                            "all", "g = :g", #"{":g":{"S":"g"}}"#,
                            #","Limit":3,"ScanIndexForward":\#(forward)\#(start)"#))
                    seen += (page["Items"]?.array ?? []).compactMap { $0["sk"]?["S"]?.string }
                    let last = page["LastEvaluatedKey"]
                    if let last { #expect(Set(last.object?.keys ?? []) == ["pk", "sk", "g", "n"]) }
                    start = last.map { #","ExclusiveStartKey":\#($0.encodedString())"# } ?? ""
                } while !start.isEmpty
                #expect(seen.sorted() == (0..<7).map(String.init))
            }
        }
    }

    static let faults: [(String, String)] = [
        (
            query("all", "g = :g", #"{":g":{"S":"g"}}"#, #","ConsistentRead":true"#),
            "Consistent reads are not supported on global secondary indexes"
        ),
        (
            query("keys", "g = :g", #"{":g":{"S":"g"}}"#, #","Select":"ALL_ATTRIBUTES""#),
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for "
                + "global secondary index keys because its projection type is not ALL"
        ),
        (
            query("keys", "g = :g", #"{":g":{"S":"g"}}"#, #","ProjectionExpression":"y""#),
            "One or more parameter values were invalid: Global secondary index keys does not project [y]"
        ),
        (query("all", "pk = :g", #"{":g":{"S":"g"}}"#), "Query condition missed key schema element: g"),
        (
            query("all", "g = :g", #"{":g":{"S":"g"}}"#, #","FilterExpression":"n <> :g""#),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: n"
        ),
        (
            query(
                "all", "g = :g", #"{":g":{"S":"g"}}"#,
                #","ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"S":"s"}}"#),
            "The provided starting key is invalid"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            #expect(await tables.fault("Query", input) == "ValidationException: \(expected)")
        }
    }

    @Test func keysOfSeveralAttributes() async throws {
        try await withTables { tables in
            try await tables.call(
                "CreateTable",
                #"{"TableName":"multi","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":["#
                    + #"{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"h1","#
                    + #""AttributeType":"S"},{"AttributeName":"h2","AttributeType":"S"},"#
                    + #"{"AttributeName":"r1","AttributeType":"S"},{"AttributeName":"r2","#
                    + #""AttributeType":"N"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"#
                    + #""GlobalSecondaryIndexes":[{"IndexName":"wide","KeySchema":[{"AttributeName":"h1","#
                    + #""KeyType":"HASH"},{"AttributeName":"h2","KeyType":"HASH"},{"AttributeName":"r1","#
                    + #""KeyType":"RANGE"},{"AttributeName":"r2","KeyType":"RANGE"}],"#
                    + #""Projection":{"ProjectionType":"ALL"}}]}"#)
            for (key, r1, r2) in [("a", "x", 10), ("b", "x", 9), ("c", "y", 1)] {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"multi","Item":{"pk":{"S":"\#(key)"},"h1":{"S":"1"},"h2":{"S":"2"},"#
                        + #""r1":{"S":"\#(r1)"},"r2":{"N":"\#(r2)"}}}"#)
            }
            func run(_ condition: String, _ values: String) async -> String {
                let input = QueryTests.query(condition, values, #","IndexName":"wide""#, table: "multi")
                guard let output = try? await tables.call("Query", input) else {
                    return await tables.fault("Query", input)
                }
                return (output["Items"]?.array ?? []).compactMap { $0["pk"]?["S"]?.string }.joined()
            }
            let hashes = #"":1":{"S":"1"},":2":{"S":"2"}"#
            #expect(await run("h1 = :1 AND h2 = :2", "{\(hashes)}") == "bac")
            #expect(
                await run(
                    "h1 = :1 AND h2 = :2 AND r1 = :r AND r2 > :n",
                    #"{\#(hashes),":r":{"S":"x"},":n":{"N":"9"}}"#)
                    == "a")
            #expect(
                await run("h1 = :1", #"{":1":{"S":"1"}}"#)
                    == "ValidationException: Query condition missed key schema element: h2")
            #expect(
                await run("h1 = :1 AND h2 = :2 AND r2 > :n", #"{\#(hashes),":n":{"N":"9"}}"#)
                    == "ValidationException: Query key condition not supported")
        }
    }

    /// After any sequence of writes each index holds exactly what follows from the items.
    @Test func indexesFollowFromTheItems() async throws {
        var random = SeededRandom.fresh("indexesFollowFromTheItems")
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await tables.call(
                "UpdateTimeToLive",
                #"{"TableName":"indexed","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}"#)
            for round in 0..<800 {
                let (operation, input) = Self.randomWrite(&random)
                #expect(await tables.fault(operation, input).hasPrefix("no error"), "\(operation) \(input)")
                if round % 40 == 39 { try Self.verify(tables) }
            }
            try Self.verify(tables)
        }
    }

    private static func randomWrite(_ random: inout SeededRandom) -> (String, String) {
        let key =
            #""pk":{"S":"\#(Int.random(in: 0..<4, using: &random))"},"#
            + #""sk":{"S":"\#(Int.random(in: 0..<6, using: &random))"}"#
        let attributes = [
            #","g":{"S":"\#(Int.random(in: 0..<3, using: &random))"}"#,
            #","n":{"N":"\#(Int.random(in: -3..<3, using: &random))"}"#,
            #","b":{"B":"\#(["AAAA", "AQID"].randomElement(using: &random)!)"}"#, #","x":{"S":"x"}"#,
            #","e":{"N":"\#(Int.random(in: 1_699_999_000..<1_700_000_999, using: &random))"}"#,
        ].filter { _ in Bool.random(using: &random) }.joined()
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return ("DeleteItem", #"{"TableName":"indexed","Key":{\#(key)}}"#)
        case 1:
            let name = ["g", "n", "b", "x", "e"].randomElement(using: &random)!
            return (
                "UpdateItem", #"{"TableName":"indexed","Key":{\#(key)},"UpdateExpression":"REMOVE \#(name)"}"#
            )
        case 2:
            return (
                "UpdateItem",
                #"{"TableName":"indexed","Key":{\#(key)},"UpdateExpression":"SET n = :n, g = :g","#
                    + #""ExpressionAttributeValues":{":n":{"N":"\#(Int.random(in: 0..<5, using: &random))"},":g":{"S":"\#(Int.random(in: 0..<3, using: &random))"}}}"#
            )
        case 3:
            return (
                "BatchWriteItem",
                #"{"RequestItems":{"indexed":[{"PutRequest":{"Item":{\#(key)\#(attributes)}}},"#
                    + #"{"DeleteRequest":{"Key":{"pk":{"S":"9"},"sk":{"S":"9"}}}}]}}"#
            )
        default: return ("PutItem", #"{"TableName":"indexed","Item":{\#(key)\#(attributes)}}"#)
        }
    }

    private static func verify(_ tables: TestTables) throws {
        let table = try tables.service.environment.catalog.table("indexed")
        try tables.store.read { snapshot in
            var wanted: [[UInt8]: [UInt8]] = [:]
            try snapshot.scan(.items, from: [], to: nil, reverse: false) { key, value in
                let item = try Item(decoding: value)
                #expect(KeyEncoding.itemKey(table, item) == key)
                for index in table.indexes {
                    if let entry = KeyEncoding.entryKey(index, item, itemKey: key) { wanted[entry] = key }
                }
                if let expiry = table.expiry(of: item) {
                    wanted[KeyEncoding.expiryKey(table, seconds: expiry, itemKey: key)] = []
                }
                return true
            }
            var found: [[UInt8]: [UInt8]] = [:]
            try snapshot.scan(.indexEntries, from: [], to: nil, reverse: false) { key, value in
                found[key] = value
                return true
            }
            #expect(found == wanted)
        }
    }
}
