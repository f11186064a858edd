import JSON
import Testing

@testable import Tables

@Suite struct QueryTests {
    static func query(_ condition: String, _ values: String, _ more: String = "", table: String = "range")
        -> String
    {
        #"{"TableName":"\#(table)","KeyConditionExpression":"\#(condition)","#
            + #""ExpressionAttributeValues":\#(values)\#(more)}"#
    }

    static func sorted(_ output: JSONValue, _ type: String = "N") -> [String] {
        (output["Items"]?.array ?? []).compactMap { $0["sk"]?[type]?.string }
    }

    static func fill(_ tables: TestTables, _ type: String, _ keys: [String]) async throws {
        try await tables.call("CreateTable", Schemas.range(type))
        for key in keys {
            try await tables.call(
                "PutItem",
                #"{"TableName":"range","Item":{"pk":{"S":"p"},"sk":{"\#(type)":"\#(key)"},"#
                    + #""v":{"N":"\#(key.count)"}}}"#
            )
        }
        try await tables.call(
            "PutItem", #"{"TableName":"range","Item":{"pk":{"S":"other"},"sk":{"\#(type)":"\#(keys[0])"}}}"#)
    }

    static let numbers = ["-100", "-2.5", "-1", "0", "1e-5", "1", "9", "10", "100", "1e20"]
    static let plain = ["-100", "-2.5", "-1", "0", "0.00001", "1", "9", "10", "100", "100000000000000000000"]

    @Test func numericOrderAndRanges() async throws {
        try await withTables { tables in
            try await Self.fill(tables, "N", Self.numbers.shuffled())
            func run(_ condition: String, _ values: String, _ more: String = "") async throws -> [String] {
                let all = #"{":p":{"S":"p"}\#(values)}"#
                return Self.sorted(
                    try await tables.call("Query", Self.query("pk = :p\(condition)", all, more)))
            }
            let one = #",":a":{"N":"1"}"#
            #expect(try await run("", "") == Self.plain)
            #expect(try await run("", "", #","ScanIndexForward":false"#) == Self.plain.reversed())
            #expect(try await run(" AND sk < :a", one) == Array(Self.plain[..<5]))
            #expect(try await run(" AND sk <= :a", one) == Array(Self.plain[..<6]))
            #expect(try await run(" AND sk > :a", one) == Array(Self.plain[6...]))
            #expect(try await run(" AND sk >= :a", one) == Array(Self.plain[5...]))
            #expect(try await run(" AND sk = :a", one) == ["1"])
            #expect(try await run(" AND :a = sk", one) == ["1"])
            #expect(
                try await run(" AND sk BETWEEN :a AND :b", #",":a":{"N":"-1"},":b":{"N":"9"}"#)
                    == Array(Self.plain[2...6]))
            #expect(
                try await run(
                    " AND sk BETWEEN :a AND :b", #",":a":{"N":"-1"},":b":{"N":"9"}"#,
                    #","ScanIndexForward":false"#)
                    == Self.plain[2...6].reversed())
        }
    }

    @Test func stringOrderIsByBytes() async throws {
        try await withTables { tables in
            let keys = ["B", "a", "a\\u0000", "a\\u0000b", "ab", "b", "é", "\u{FFFD}", "😀"]
            try await Self.fill(tables, "S", keys.shuffled())
            let all = try await tables.call("Query", Self.query("pk = :p", #"{":p":{"S":"p"}}"#))
            #expect(Self.sorted(all, "S") == ["B", "a", "a\0", "a\0b", "ab", "b", "é", "\u{FFFD}", "😀"])
            let prefix = try await tables.call(
                "Query", Self.query("pk = :p AND begins_with(sk, :a)", #"{":p":{"S":"p"},":a":{"S":"a"}}"#))
            #expect(Self.sorted(prefix, "S") == ["a", "a\0", "a\0b", "ab"])
            let zero = try await tables.call(
                "Query",
                Self.query("pk = :p AND begins_with(sk, :a)", #"{":p":{"S":"p"},":a":{"S":"a\u0000"}}"#))
            #expect(Self.sorted(zero, "S") == ["a\0", "a\0b"])
        }
    }

    @Test func pagesCountBeforeTheFilter() async throws {
        try await withTables { tables in
            try await Self.fill(tables, "N", Self.numbers)
            // Even numbers of characters only; pages of three.
            var start = ""
            var (found, pages): ([String], [Int]) = ([], [])
            repeat {
                let page = try await tables.call(
                    "Query",
                    Self.query(
                        "pk = :p", #"{":p":{"S":"p"},":v":{"N":"4"}}"#,
                        #","FilterExpression":"v = :v","Limit":3\#(start)"#))
                found += Self.sorted(page)
                pages.append(page["ScannedCount"]?.int ?? -1)
                #expect(page["Count"]?.int == page["Items"]?.array?.count)
                start = page["LastEvaluatedKey"].map { #","ExclusiveStartKey":\#($0.encodedString())"# } ?? ""
            } while !start.isEmpty
            #expect(found == ["-100", "-2.5", "0.00001", "100000000000000000000"])
            #expect(pages == [3, 3, 3, 1])
        }
    }

    @Test func aFullLastPageHasAnotherPage() async throws {
        try await withTables { tables in
            try await Self.fill(tables, "N", ["1", "2"])
            let page = try await tables.call(
                "Query", Self.query("pk = :p", #"{":p":{"S":"p"}}"#, #","Limit":2"#))
            try expectJSON(page["LastEvaluatedKey"] ?? .null, #"{"pk":{"S":"p"},"sk":{"N":"2"}}"#)
            let next = try await tables.call(
                "Query",
                Self.query(
                    "pk = :p", #"{":p":{"S":"p"}}"#,
                    #","Limit":2,"ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"N":"2"}}"#))
            try expectJSON(next, #"{"Items":[],"Count":0,"ScannedCount":0}"#)
            // The start key need not exist, and pages go backwards too.
            let back = try await tables.call(
                "Query",
                Self.query(
                    "pk = :p", #"{":p":{"S":"p"}}"#,
                    #","ScanIndexForward":false,"ExclusiveStartKey":{"pk":{"S":"p"},"sk":{"N":"1.5"}}"#))
            #expect(Self.sorted(back) == ["1"])
        }
    }

    @Test func aPageEndsAtOneMegabyte() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            let large = String(repeating: "x", count: 300_000)
            for number in 0..<5 {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"range","Item":{"pk":{"S":"p"},"sk":{"N":"\#(number)"},"#
                        + #""v":{"S":"\#(large)"}}}"#
                )
            }
            let page = try await tables.call(
                "Query",
                Self.query(
                    "pk = :p", #"{":p":{"S":"p"}}"#,
                    #","ProjectionExpression":"sk","ReturnConsumedCapacity":"TOTAL""#))
            #expect(page["Count"] == 4)
            #expect(page["LastEvaluatedKey"]?["sk"]?["N"] == "3")
            // 4 * (300,000 + 1 + 2 + 1 + 2 + 2) bytes are 293 pieces of 4 KB; half a unit each.
            #expect(page["ConsumedCapacity"]?["CapacityUnits"]?.double == 146.5)
        }
    }

    @Test func countAndProjection() async throws {
        try await withTables { tables in
            try await Self.fill(tables, "N", ["1", "2", "3"])
            try expectJSON(
                try await tables.call(
                    "Query", Self.query("pk = :p", #"{":p":{"S":"p"}}"#, #","Select":"COUNT""#)),
                #"{"Count":3,"ScannedCount":3}"#)
            try expectJSON(
                try await tables.call(
                    "Query",
                    Self.query(
                        "pk = :p AND sk = :s", #"{":p":{"S":"p"},":s":{"N":"2"}}"#,
                        #","ProjectionExpression":"v""#)),
                #"{"Items":[{"v":{"N":"1"}}],"Count":1,"ScannedCount":1}"#)
        }
    }

    static let faults: [(String, String)] = [
        (
            #"{"TableName":"range"}"#,
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        ),
        (
            query("sk = :a", #"{":a":{"N":"1"}}"#), "Query condition missed key schema element: pk"
        ),
        (query("pk > :a", #"{":a":{"S":"1"}}"#), "Query key condition not supported"),
        (
            query("pk = :a AND v = :a", #"{":a":{"S":"1"}}"#), "Query condition missed key schema element: sk"
        ),
        (
            query("pk = :a", #"{":a":{"N":"1"}}"#),
            "One or more parameter values were invalid: Condition parameter type does not match schema type"
        ),
        (
            query("pk = :a AND sk = :a", #"{":a":{"S":"1"}}"#),
            "One or more parameter values were invalid: Condition parameter type does not match schema type"
        ),
        (
            query("pk = :a AND sk = :b AND v = :b", #"{":a":{"S":"1"},":b":{"N":"1"}}"#),
            "Conditions can be of length 1 or 2 only"
        ),
        (
            query("pk = :a", #"{":a":{"S":""}}"#),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                + "contain an empty string value. Key: pk"
        ),
        (
            query("pk = :a OR pk = :a", #"{":a":{"S":"1"}}"#),
            "Invalid operator used in KeyConditionExpression: OR"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","Limit":0"#),
            "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must "
                + "have value greater than or equal to 1"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","FilterExpression":"sk = :a""#),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","IndexName":"none""#),
            "The table does not have the specified index: none"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","Select":"SPECIFIC_ATTRIBUTES""#),
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                + "SPECIFIC_ATTRIBUTES"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","Select":"COUNT","ProjectionExpression":"v""#),
            "Cannot specify the ProjectionExpression when choosing to get only the Count"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","Select":"ALL_PROJECTED_ATTRIBUTES""#),
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","Select":"SOME""#),
            "1 validation error detected: Value 'SOME' at 'select' failed to satisfy constraint: Member "
                + "must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, "
                + "ALL_PROJECTED_ATTRIBUTES]"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","ExclusiveStartKey":{"pk":{"S":"1"}}"#),
            "The provided starting key is invalid"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","ExclusiveStartKey":{"pk":{"S":"1"},"sk":{"S":"1"}}"#),
            "The provided key element does not match the schema"
        ),
        (
            query("pk = :a", #"{":a":{"S":"1"}}"#, #","ExclusiveStartKey":{"pk":{"S":"2"},"sk":{"N":"1"}}"#),
            "The provided starting key is outside query boundaries based on provided conditions"
        ),
        (
            query(
                "pk = :a AND sk > :b", #"{":a":{"S":"1"},":b":{"N":"5"}}"#,
                #","ExclusiveStartKey":{"pk":{"S":"1"},"sk":{"N":"4"}}"#),
            "The provided starting key does not match the range key predicate"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            #expect(await tables.fault("Query", input) == "ValidationException: \(expected)")
        }
    }
}
