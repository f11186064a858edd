import JSON
import Testing

@testable import App

@Suite struct JSONInsertionTests {
    private func adding(_ entry: String, to path: [String], _ text: String) -> String? {
        JSONInsertion(Array(text.utf8)).adding(entry, to: path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aLineIsAddedWithTheIndentationOfTheOthers() {
        let text = "{\n  \"a\": {\n    \"x\": { \"y\": [1] },\n    \"z\": 2\n  }\n}\n"
        let expected = "{\n  \"a\": {\n    \"x\": { \"y\": [1] },\n    \"z\": 2,\n    \"n\": 3\n  }\n}\n"
        #expect(adding("\"n\": 3", to: ["a"], text) == expected)
    }

    @Test(arguments: [
        (#"{"a":{}}"#, #"{"a":{ "n": 3 }}"#), (#"{"a":{"b":1}}"#, #"{"a":{"b":1, "n": 3}}"#),
        (#"{"c":"},{","a":{"b":"]}\""}}"#, #"{"c":"},{","a":{"b":"]}\"", "n": 3}}"#),
    ])
    func shortFormsStayShort(text: String, expected: String) {
        #expect(adding(#""n": 3"#, to: ["a"], text) == expected)
    }

    @Test func nestedListsAreFound() {
        #expect(adding("2", to: ["a", "b"], #"{"a":{"b":[1]}}"#) == #"{"a":{"b":[1, 2]}}"#)
    }

    /// A manifest may be cut off anywhere.
    @Test func everyBeginningOfADocumentIsTaken() {
        let whole = #"{"a":{"x\\":"y\"","z":[1,{"b":"\\"}]}}"#.utf8
        for count in 0..<whole.count {
            _ = JSONInsertion(Array(whole.prefix(count))).adding("1", to: ["a"])
            _ = JSONInsertion(Array(whole.prefix(count)) + [0x5C]).adding("1", to: ["a"])
        }
        #expect(adding(#""n":1"#, to: ["a"], String(whole))?.hasSuffix(#", "n":1}}"#) == true)
    }

    @Test(arguments: [#"{"b":{}}"#, #"{"a":1}"#, "[]", "{}"])
    func whatIsNoContainerIsRefused(text: String) { #expect(adding("1", to: ["a"], text) == nil) }
}

@Suite struct HandlerNameTests {
    @Test func theModuleBeginsWithACapital() throws {
        #expect(try HandlerName("orderStatus").module == "OrderStatus")
    }

    @Test(arguments: [
        ("Greet", "'greet' would do"), ("order-status", "'orderStatus' would do"), ("1st", "2 to 40"),
        ("a", "2 to 40"), ("grüße", "letters"), ("../x", "letters"), ("swift", "hide Swift's own"),
        ("repeat", "a word of Swift's own"), ("healthTests", "end in 'Tests'"),
        ("string", "hide Swift's own"),
    ])
    func otherNamesAreRefused(name: String, words: String) {
        let error = #expect(throws: CommandFailure.self) { try HandlerName(name) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}

@Suite struct LatencyReportTests {
    private func report(_ milliseconds: [Double]) -> LatencyReport {
        LatencyReport(nanoseconds: milliseconds.map { UInt64($0 * 1e6) }, errors: [:], seconds: 1)
    }

    @Test func percentilesAreNearestRanks() {
        let report = report((1...100).map(Double.init).shuffled())
        #expect(report.minimum == 1 && report.maximum == 100)
        #expect(report.percentile(50) == 50 && report.percentile(90) == 90 && report.percentile(99) == 99)
        #expect(self.report([5]).percentile(50) == 5)
    }

    @Test func everyCallIsInOneBucket() {
        let report = report([0.4, 0.5, 0.9, 1, 20, 400])
        #expect(report.buckets.map(\.count).reduce(0, +) == 6)
        #expect(report.buckets.first?.limit == 0.5 && report.buckets.first?.count == 1)
        #expect(report.buckets.last?.limit == 500 && report.buckets.last?.count == 1)
    }

    @Test func nothingIsNoHistogram() {
        #expect(report([]).buckets.isEmpty && report([]).percentile(50) == 0)
    }
}
