import JSON
import Testing

@testable import Tables

@Suite struct ScanTests {
    static func fill(_ tables: TestTables, _ count: Int) async throws {
        try await tables.call("CreateTable", Schemas.hash)
        for start in stride(from: 0, to: count, by: 25) {
            let writes = (start..<min(count, start + 25)).map {
                #"{"PutRequest":{"Item":{"pk":{"S":"key-\#($0)"},"n":{"N":"\#($0)"}}}}"#
            }
            try await tables.call(
                "BatchWriteItem", #"{"RequestItems":{"hash":[\#(writes.joined(separator: ","))]}}"#)
        }
    }

    static func names(_ output: JSONValue) -> [String] {
        (output["Items"]?.array ?? []).compactMap { $0["pk"]?["S"]?.string }
    }

    static func pages(_ tables: TestTables, _ more: String) async throws -> [String] {
        var start = ""
        var found: [String] = []
        repeat {
            let page = try await tables.call("Scan", #"{"TableName":"hash"\#(more)\#(start)}"#)
            found += names(page)
            start = page["LastEvaluatedKey"].map { #","ExclusiveStartKey":\#($0.encodedString())"# } ?? ""
        } while !start.isEmpty
        return found
    }

    @Test func pagesAndSegmentsCoverTheTableOnce() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 300)
            let all = (0..<300).map { "key-\($0)" }.sorted()
            let whole = try await Self.pages(tables, "")
            #expect(whole.sorted() == all)
            // The order is by hash: neither as written nor as sorted.
            #expect(whole != all && whole != (0..<300).map { "key-\($0)" })
            #expect(try await Self.pages(tables, #","Limit":7"#) == whole)
            for total in [2, 3, 7] {
                var found: [String] = []
                for segment in 0..<total {
                    let part = try await Self.pages(
                        tables, #","Limit":11,"Segment":\#(segment),"TotalSegments":\#(total)"#)
                    #expect(part.count > 300 / total / 3, "segment \(segment) of \(total)")
                    found += part
                }
                #expect(found == whole)
            }
        }
    }

    @Test func filterAndCount() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 50)
            let page = try await tables.call(
                "Scan",
                #"{"TableName":"hash","FilterExpression":"n < :n AND begins_with(pk, :p)","Select":"COUNT","#
                    + #""ExpressionAttributeValues":{":n":{"N":"10"},":p":{"S":"key"}}}"#)
            try expectJSON(page, #"{"Count":10,"ScannedCount":50}"#)
        }
    }

    static let faults: [(String, String)] = [
        (
            #","Segment":0"#,
            "The TotalSegments parameter is required but was not present in the request when Segment "
                + "parameter is present"
        ),
        (
            #","TotalSegments":2"#,
            "The Segment parameter is required but was not present in the request when parameter "
                + "TotalSegments is present"
        ),
        (
            #","Segment":5,"TotalSegments":5"#,
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                + "Segment: 5 is not less than TotalSegments: 5"
        ),
        (
            #","Segment":-1,"TotalSegments":0"#,
            "2 validation errors detected: Value '0' at 'totalSegments' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 1; Value '-1' at 'segment' failed to "
                + "satisfy constraint: Member must have value greater than or equal to 0"
        ),
        (
            #","Limit":0"#,
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member "
                + "must have value greater than or equal to 1"
        ),
        (
            #","ExclusiveStartKey":{"x":{"S":"a"}}"#,
            "The provided starting key is invalid: The provided key element does not match the schema"
        ),
        (
            #","ExclusiveStartKey":{"pk":{"N":"x"}}"#,
            "The provided starting key is invalid: The parameter cannot be converted to a numeric value: x"
        ),
        (#","IndexName":"none""#, "The table does not have the specified index: none"),
        (
            #","ConditionalOperator":"OR","ScanFilter":{}"#,
            "ConditionalOperator cannot be used without Filter or Expected"
        ),
    ]

    @Test(arguments: faults) func fault(_ more: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await tables.fault("Scan", #"{"TableName":"hash"\#(more)}"#)
                    == "ValidationException: \(expected)")
        }
    }

    @Test func aStartKeyOfAnotherSegment() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 30)
            let page = try await tables.call(
                "Scan", #"{"TableName":"hash","Segment":0,"TotalSegments":2,"Limit":1}"#)
            let start = try #require(page["LastEvaluatedKey"]).encodedString()
            #expect(
                await tables.fault(
                    "Scan",
                    #"{"TableName":"hash","Segment":1,"TotalSegments":2,"ExclusiveStartKey":\#(start)}"#)
                    == "ValidationException: The provided starting key is invalid: Invalid "
                    + "ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 1"
            )
        }
    }
}
