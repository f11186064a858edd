import JSON
import Seeded
import Testing

@testable import Expressions

/// Items that are read without a tree.
@Suite struct PlainItemTests {
    private static func plain(_ text: String) -> Item? {
        Array(text.utf8).withUnsafeBufferPointer { source in
            var reader = JSONReader(source)
            let item = Item(plain: &reader)
            return reader.isComplete() ? item : nil
        }
    }

    @Test func areWhatTheTreeMakesOfThem() throws {
        var random = SeededRandom.fresh("plainItems")
        for _ in 0..<300 {
            let text = Self.itemText(&random)
            let expected = try Item(json: JSONValue.parse(text))
            #expect(Self.plain(text) == expected, "\(text)")
        }
    }

    @Test(arguments: [
        "{}", #"{"a":{"S":""}}"#, #"{ "a" : { "S" : "\u00e9\n" } }"#, #"{"a":{"N":"-0"}}"#,
        #"{"a":{"N":"999999999999999999"},"b":{"N":"1E5"}}"#, #"{"b":{"B":"AQI="},"a":{"BOOL":false}}"#,
        #"{"a":{"M":{"x":{"L":[{"NULL":true}]}}}}"#, #"{"a":{"NS":["2","1"]}}"#,
    ])
    func keepTheirValues(_ text: String) throws {
        #expect(Self.plain(text) == (try Item(json: JSONValue.parse(text))))
    }

    @Test(arguments: [
        #"{"":{"S":"x"}}"#, #"{"a":{}}"#, #"{"a":{"S":1}}"#, #"{"a":{"S":null}}"#, #"{"a":{"N":"x"}}"#,
        #"{"a":{"N":1}}"#, #"{"a":{"S":"x","N":"1"}}"#, #"{"a":{"S":"x"},"a":{"S":"y"}}"#,
        #"{"a":{"BOOL":"true"}}"#, #"{"a":{"X":"1"}}"#, #"{"a":{"SS":[]}}"#, #"{"a":{"NULL":false}}"#,
        #"{"a":"x"}"#, #"{"a":{"S":"x"}"#, #"{"a":{"S":"x"},}"#, #"{"a":{"S":"\ud800"}}"#, "[]", "null", "",
    ])
    func areNotMadeOfWhatIsWrongOrRare(_ text: String) { #expect(Self.plain(text) == nil) }

    @Test func manyAttributesAreSorted() throws {
        var random = SeededRandom.fresh("manyAttributes")
        let names = (0..<200).map { "n\($0)" }.shuffled(using: &random)
        let text = "{" + names.map { #""\#($0)":{"N":"1"}"# }.joined(separator: ",") + "}"
        let item = try #require(Self.plain(text))
        #expect(item.names == names.sorted())
        #expect(item == (try Item(json: JSONValue.parse(text))))
    }

    private static func itemText(_ random: inout SeededRandom) -> String {
        let count = Int.random(in: 0...30, using: &random)
        let names = Set((0..<count).map { _ in "a\(Int.random(in: 0...999, using: &random))" })
        return "{" + names.map { "\"\($0)\":\(value(&random, 0))" }.joined(separator: ",") + "}"
    }

    private static func value(_ random: inout SeededRandom, _ depth: Int) -> String {
        let number = Int.random(in: -1_000_000...1_000_000, using: &random)
        switch Int.random(in: 0...(depth > 2 ? 5 : 7), using: &random) {
        case 0: return #"{"S":"t\#(number)"}"#
        case 1: return #"{"N":"\#(number)"}"#
        case 2: return #"{"N":"\#(number).5e\#(number % 50)"}"#
        case 3: return #"{"BOOL":\#(number > 0)}"#
        case 4: return #"{"NULL":true}"#
        case 5: return #"{"SS":["\#(number)","x"]}"#
        case 6: return #"{"L":[\#(value(&random, depth + 1)),\#(value(&random, depth + 1))]}"#
        default: return #"{"M":{"k":\#(value(&random, depth + 1))}}"#
        }
    }
}
