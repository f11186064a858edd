import JSON
import Testing

@Suite struct JSONParseTests {
    @Test func everyKindOfValue() throws {
        let value = try JSONValue.parse(
            " { \"a\" : [ 1 , -2.5e+3 , true , false , null , \"x\" ] ,\r\n\t\"b\" : { } , \"c\":[] } ")
        #expect(
            value == [
                "a": [.number(1), .number(JSONNumber(text: "-2.5e+3")!), true, false, nil, "x"], "b": [:],
                "c": [],
            ])
        #expect(value["a"]?[1]?.double == -2500)
        #expect(value["a"]?[4]?.isNull == true)
        #expect(value["a"]?[6] == nil && value["a"]?[-1] == nil && value["a"]?["x"] == nil)
        #expect(value["zz"] == nil && value[0] == nil)
    }

    @Test(arguments: [
        ("\"\"", ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u0041\u00e9""#, "Aé"),
        (#""\uD83D\uDE00!""#, "😀!"), (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\0"), ("\"😀é你\"", "😀é你"),
        (#""\uFFFF\u2028""#, "\u{FFFF}\u{2028}"), ("\"\u{7F}\"", "\u{7F}"), (#""é\nü""#, "é\nü"),
        (#""\u005C\u0022""#, "\\\""),
    ])
    func strings(source: String, text: String) throws {
        #expect(try JSONValue.parse(source) == .string(text))
    }

    @Test(arguments: [
        "0", "-0", "1e400", "-1E-400", "123456789012345678901234567890.10", "0.0e0", "1E+2", "10",
    ])
    func numbersKeepTheirText(_ text: String) throws {
        let value = try JSONValue.parse(text)
        #expect(value.number?.text == text)
        #expect(value.encodedString() == text)
    }

    @Test func numberValues() throws {
        #expect(try JSONValue.parse("1e400").double == nil)
        #expect(try JSONValue.parse("1e400").int == nil)
        #expect(try JSONValue.parse("-0").int == 0)
        #expect(try JSONValue.parse("-0").double?.sign == .minus)
        #expect(try JSONValue.parse("1.0").int == 1)
        #expect(try JSONValue.parse("12e2").int64 == 1200)
        #expect(try JSONValue.parse("1.5").int == nil)
        #expect(try JSONValue.parse("9223372036854775807").int64 == Int64.max)
        #expect(try JSONValue.parse("9223372036854775808").int64 == nil)
        #expect(try JSONValue.parse("9223372036854775807.0").int64 == nil)
        #expect(JSONNumber(1.0).text == "1" && JSONNumber(0.1).text == "0.1" && JSONNumber(-7).text == "-7")
        #expect(JSONNumber(1e300).double == 1e300)
        for text in ["", "-", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "0x1", "NaN", "1 ", " 1", "1.2.3"] {
            #expect(JSONNumber(text: text) == nil, "\(text)")
        }
        #expect(JSONNumber(text: "-1.5e-3")?.double == -0.0015)
    }

    @Test func lastOfEqualNamesWins() throws {
        let value = try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#)
        #expect(value == ["a": 3, "b": 2])
        #expect(value.object?.keys == ["a", "b"])
    }

    @Test func largeObjectsAreIndexed() throws {
        var source = "{"
        for index in 0..<20_000 { source += "\"k\(index % 10_000)\":\(index)," }
        source += "\"end\":0}"
        var object = try #require(try JSONValue.parse(source).object)
        #expect(object.count == 10_001)
        #expect(object["k7"]?.int == 10_007)
        #expect(object.keys.first == "k0" && object.keys.last == "end")
        object["k0"] = nil
        #expect(object["k0"] == nil && object["k1"]?.int == 10_001 && object.count == 10_000)
        object["new"] = 5
        #expect(object["new"] == 5)
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue.parse(nested(128))
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(nested(129)) }
        #expect(error?.reason == "arrays and objects are nested deeper than 128")
        #expect(error?.column == 129)
        _ = try JSONValue.parse(nested(2), limits: JSONLimits(maxDepth: 2))
        #expect(throws: JSONError.self) { try JSONValue.parse(nested(3), limits: JSONLimits(maxDepth: 2)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) {
            try JSONValue.parse(String(repeating: "{\"a\":", count: 100_000))
        }
        #expect(JSONLimits(maxDepth: 1_000_000).maxDepth == 1000)
    }

    @Test func sizeIsBounded() throws {
        _ = try JSONValue.parse("[1,2]", limits: JSONLimits(maxBytes: 5))
        let error = #expect(throws: JSONError.self) {
            try JSONValue.parse("[1,2] ", limits: JSONLimits(maxBytes: 5))
        }
        #expect(error?.reason == "the text has 6 bytes, more than the limit of 5")
    }
}

@Suite struct JSONErrorTests {
    @Test(arguments: [
        ("", 1, 1, "a JSON value is missing"),
        ("  \n ", 2, 2, "a JSON value is missing"),
        ("{\n  \"a\": tru\n}", 2, 11, "unknown word: 'true' expected"),
        ("nul", 1, 1, "the word is cut short: 'null' expected"),
        ("[1,]", 1, 4, "a JSON value cannot begin with ']'"),
        ("[1 2]", 1, 4, "',' or ']' must follow an array's element"),
        ("[1", 1, 3, "',' or ']' must follow an array's element"),
        ("{\"a\":1,}", 1, 8, "an object's member must begin with its name in double quotes"),
        ("{a:1}", 1, 2, "an object's member must begin with its name in double quotes"),
        ("{'a':1}", 1, 2, "an object's member must begin with its name in double quotes"),
        ("{\"a\" 1}", 1, 6, "':' must follow a member's name"),
        ("{\"a\":1 \"b\":2}", 1, 8, "',' or '}' must follow an object's member"),
        ("{\"a\":}", 1, 6, "a JSON value cannot begin with '}'"),
        ("01", 1, 1, "a number must not begin with 0"),
        ("-", 1, 2, "a number needs a digit here"),
        ("1.", 1, 3, "a decimal point needs a digit after it"),
        ("1.e5", 1, 3, "a decimal point needs a digit after it"),
        ("1e", 1, 3, "an exponent needs a digit"),
        ("+1", 1, 1, "a JSON value cannot begin with '+'"),
        (".5", 1, 1, "a JSON value cannot begin with '.'"),
        ("NaN", 1, 1, "a JSON value cannot begin with 'N'"),
        ("1 x", 1, 3, "nothing but white space may follow the JSON value"),
        ("{} {}", 1, 4, "nothing but white space may follow the JSON value"),
        ("// c\n1", 1, 1, "a JSON value cannot begin with '/'"),
        ("\"abc", 1, 1, "the string has no closing quote"),
        ("\"abc\\\"", 1, 1, "the string has no closing quote"),
        ("\"a\u{1}\"", 1, 3, "control character 0x01 must be escaped in a string"),
        ("\"é\n\"", 1, 3, "control character 0x0a must be escaped in a string"),
        ("\"\\n\t\"", 1, 4, "control character 0x09 must be escaped in a string"),
        ("\"\\x\"", 1, 2, "there is no such escape sequence"),
        ("\"\\", 1, 2, "the escape sequence is cut short"),
        ("\"\\u12", 1, 2, "the escape sequence is cut short"),
        ("\"\\u12g4\"", 1, 6, "\\u needs four hexadecimal digits"),
        ("\"\\ud800\"", 1, 2, "a high surrogate needs a low one after it"),
        ("\"\\ud800\\ud800\"", 1, 2, "a high surrogate needs a low one after it"),
        ("\"\\ud800\\n\"", 1, 2, "a high surrogate needs a low one after it"),
        ("\"\\udc00\"", 1, 2, "a low surrogate needs a high one before it"),
        ("\u{FEFF}1", 1, 1, "a JSON value cannot begin with a character outside ASCII"),
        ("\u{A0}1", 1, 1, "a JSON value cannot begin with a character outside ASCII"),
        ("\u{0}", 1, 1, "a JSON value cannot begin with control character 0x00"),
    ])
    func reasonAndPlace(source: String, line: Int, column: Int, reason: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(source) }
        #expect(error?.reason == reason)
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.description == "line \(line), column \(column): \(reason)")
    }

    @Test(arguments: [
        [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xC3], [0xE4, 0xBD], [0xF0, 0x9F, 0x98],
        [0xC3, 0x28], [0xE4, 0xBD, 0x41],
    ])
    func invalidUTF8(bytes: [UInt8]) {
        for prefix in ["[1,\"é", "[1,\"é\\n"] {
            let head = Array(prefix.utf8)
            let error = #expect(throws: JSONError.self) {
                try JSONValue.parse(head + bytes + Array("\"]".utf8))
            }
            #expect(error?.reason == "the text is not valid UTF-8")
            #expect(error?.offset == head.count)
        }
    }

    @Test func offsetsCountBytesAndColumnsCharacters() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\n\"é😀\": x}") }
        #expect(error?.offset == 12 && error?.line == 2 && error?.column == 7)
    }

    /// One letter in one code point and in two, which Swift's strings hold to be equal; in small objects and in
    /// those that are searched through a table.
    @Test(arguments: [0, 40]) func namesThatLookAlikeAreApart(_ others: Int) throws {
        let padding = (0..<others).map { "\"k\($0)\":0," }.joined()
        let object = try JSONValue.parse("{\(padding)\"\u{C5}\":1,\"A\u{30A}\":2,\"\u{212B}\":3}").object
        #expect(object?.count == others + 3)
        #expect(object?["\u{C5}"] == 1 && object?["A\u{30A}"] == 2 && object?["\u{212B}"] == 3)
    }
}
