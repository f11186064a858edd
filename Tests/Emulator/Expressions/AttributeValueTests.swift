import JSON
import Seeded
import Testing

@testable import Expressions

@Suite struct AttributeValueTests {
    static let faults: [(String, String)] = [
        ("{}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            #"{"S":null}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"X":"a"}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"S":"a","N":"1"}"#,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                + "supported datatypes"
        ),
        (
            #"{"NULL":false}"#,
            "One or more parameter values were invalid: Null attribute value types must have the value "
                + "of true"
        ),
        (#"{"SS":[]}"#, "One or more parameter values were invalid: An string set  may not be empty"),
        (#"{"NS":[]}"#, "One or more parameter values were invalid: An number set  may not be empty"),
        (#"{"BS":[]}"#, "One or more parameter values were invalid: Binary sets should not be empty"),
        (
            #"{"SS":["a","b","a"]}"#,
            "One or more parameter values were invalid: Input collection [a, b, a] contains duplicates."
        ),
        (#"{"NS":["1","1.0"]}"#, "Input collection contains duplicates"),
        (
            #"{"BS":["Yg==","Yg=="]}"#,
            "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains "
                + "duplicates."
        ),
        (#"{"N":"abc"}"#, "The parameter cannot be converted to a numeric value: abc"),
        (#"{"M":{"":{"S":"a"}}}"#, "Empty attribute name"),
    ]

    @Test(arguments: faults) func fault(_ json: String, _ expected: String) {
        #expect(message { _ = try value(json) } == expected)
    }

    static let shapes: [(String, String)] = [
        (#"{"S":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"S":1.5}"#, "DECIMAL_VALUE cannot be converted to String"),
        (#"{"S":true}"#, "TRUE_VALUE cannot be converted to String"),
        (#"{"N":5}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"S":{}}"#, "Start of structure or map found where not expected"),
        (#"{"S":[]}"#, "Unrecognized collection type class java.lang.String"),
        (#"{"BOOL":"23"}"#, "Unexpected token received from parser"),
        (#"{"M":{"a":{"N":"x"},"b":{"S":5}}}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"SS":"a"}"#, "Unexpected field type"),
        (#"{"L":{}}"#, "Start of structure or map found where not expected"),
        (#"{"M":"a"}"#, "Unexpected field type"),
        (
            #"{"M":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "com.amazonaws.dynamodb.v20120810.AttributeValue>"
        ),
        (#"{"B":5}"#, "only base-64-encoded strings are convertible to bytes"),
        (#"{"B":"abc"}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        (#"{"B":"a!bc"}"#, "Invalid Base64 character: '!'"),
        (#""text""#, "Unexpected value type in payload"),
        (#"[]"#, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
    ]

    @Test(arguments: shapes) func shape(_ json: String, _ expected: String) {
        #expect(
            throws: ValidationError(expected, kind: .serialization)
        ) { try value(json) }
    }

    @Test func nestingStopsAt31Levels() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: #"{"L":["#, count: levels) + #"{"S":"x"}"#
                + String(repeating: "]}", count: levels)
        }
        #expect(message { _ = try value(nested(31)) } == "no error")
        #expect(
            message { _ = try value(nested(33)) }.hasPrefix("Nesting Levels have exceeded supported limits"))
        #expect(
            message { _ = try value(nested(32)) }.hasPrefix("Nesting Levels have exceeded supported limits"))
    }

    @Test(arguments: [
        (#"{"S":""}"#, 0), (#"{"S":"é"}"#, 2), (#"{"B":"AAAA"}"#, 3), (#"{"NULL":true}"#, 1),
        (#"{"BOOL":false}"#, 1),
        (#"{"L":[]}"#, 3), (#"{"L":[{"S":"ab"},{"N":"1"}]}"#, 9), (#"{"M":{"key":{"S":"ab"}}}"#, 9),
        (#"{"SS":["ab","c"]}"#, 3), (#"{"NS":["1","22"]}"#, 4), (#"{"BS":["AAAA"]}"#, 3),
    ])
    func size(_ json: String, _ expected: Int) throws {
        #expect(try value(json).size == expected)
    }

    @Test func namesThatLookAlikeStayApart() throws {
        let stored: Item = ["e\u{301}": .s("two scalars"), "\u{E9}": .s("one scalar")]
        #expect(stored.count == 2)
        #expect(stored["\u{E9}"] == .s("one scalar"))
        #expect(try Item(decoding: stored.encoded()) == stored)
    }

    @Test func mapsBehaveAsDictionaries() {
        var random = SeededRandom.fresh("mapsBehaveAsDictionaries")
        var map = AttributeMap()
        var oracle: [String: AttributeValue] = [:]
        for _ in 0..<3000 {
            let name = String(Int.random(in: 0..<60, using: &random))
            let value: AttributeValue? =
                Bool.random(using: &random) ? .s(String(Int.random(in: 0..<9, using: &random))) : nil
            map[name] = value
            oracle[name] = value
            #expect(map.count == oracle.count)
        }
        for (name, value) in oracle { #expect(map[name] == value) }
    }

    @Test func jsonAndBytesRoundTrip() throws {
        let text =
            #"{"b":{"B":"AAEC"},"bs":{"BS":["AA==","AQ=="]},"l":{"L":[{"BOOL":true},{"NULL":true},"#
            + #"{"M":{}}]},"n":{"N":"-1.25"},"ns":{"NS":["-3","10"]},"s":{"S":"π"},"ss":{"SS":["","a"]}}"#
        let stored = try item(text)
        #expect(stored.json.encodedString() == text)
        #expect(try Item(decoding: stored.encoded()) == stored)
    }

    @Test func damagedBytesAreErrorsNotTraps() throws {
        var random = SeededRandom.fresh("damagedBytesAreErrorsNotTraps")
        let good = try item(#"{"l":{"L":[{"S":"abc"},{"NS":["1","2"]}]},"m":{"M":{"k":{"B":"AAEC"}}}}"#)
            .encoded()
        for length in 0..<good.count {
            #expect(throws: CodecError.self) { try Item(decoding: Array(good[..<length])) }
        }
        for _ in 0..<5000 {
            var damaged = good
            damaged[Int.random(in: 0..<good.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
            _ = try? Item(decoding: damaged)
        }
    }
}
