import JSON
import Testing

@testable import Gateway

@Suite struct JSONSchemaTests {
    /// Each case: a schema, values that it takes, values that it does not.
    @Test(
        arguments: [
            (#"{"type":"string"}"#, [#""a""#], ["1", "null", "[]"]),
            (#"{"type":"integer"}"#, ["1", "-3", "1e3"], ["1.5", #""1""#]),
            (#"{"type":"number"}"#, ["1", "1.5"], [#""1""#, "true"]),
            (#"{"type":["string","null"]}"#, [#""a""#, "null"], ["1"]),
            (#"{"type":"boolean"}"#, ["true", "false"], ["0", #""true""#]),
            (
                #"{"enum":[1,"a",null,{"b":2}]}"#, ["1", "1.0", #""a""#, "null", #"{"b":2}"#],
                ["2", #"{"b":3}"#]
            ),
            (#"{"minimum":2}"#, ["2", "3", #""text""#], ["1", "-5"]),
            (#"{"minimum":2,"exclusiveMinimum":true}"#, ["2.1"], ["2"]),
            (#"{"maximum":2}"#, ["2", "-1"], ["2.1"]),
            (#"{"maximum":2,"exclusiveMaximum":true}"#, ["1.9"], ["2"]),
            (#"{"multipleOf":3}"#, ["0", "9", "-6"], ["4"]),
            (#"{"multipleOf":0.1}"#, ["0.3", "1", "1.1"], ["0.35"]),
            (#"{"minLength":2,"maxLength":3}"#, [#""ab""#, #""äöü""#, "1"], [#""a""#, #""abcd""#]),
            (#"{"pattern":"^a+$"}"#, [#""aaa""#], [#""ab""#, #""""#]),
            (#"{"pattern":"b"}"#, [#""abc""#], [#""ac""#]),
            (#"{"pattern":"^\\d\\w\\s$"}"#, [#""1a ""#], [#""١a ""#, #""1ä ""#, #""1a\u2003""#]),
            (#"{"pattern":"^..$"}"#, [#""e\u0301""#], [#""é""#]),
            (#"{"minItems":1,"maxItems":2}"#, ["[1]", "[1,2]"], ["[]", "[1,2,3]"]),
            (
                #"{"uniqueItems":true}"#, ["[1,2]", #"[{"a":1},{"a":2}]"#],
                ["[1,1.0]", #"[{"a":1},{"a":1}]"#]
            ),
            (#"{"items":{"type":"integer"}}"#, ["[]", "[1,2]"], [#"[1,"a"]"#]),
            (
                #"{"items":[{"type":"integer"}],"additionalItems":false}"#, ["[1]", "[]"],
                ["[1,2]", #"["a"]"#]
            ),
            (#"{"items":[{}],"additionalItems":{"type":"string"}}"#, [#"[1,"a"]"#], ["[1,2]"]),
            (#"{"required":["a","b"]}"#, [#"{"a":1,"b":2}"#, "[]"], [#"{"a":1}"#, "{}"]),
            (#"{"minProperties":1,"maxProperties":2}"#, [#"{"a":1}"#], ["{}", #"{"a":1,"b":2,"c":3}"#]),
            (#"{"properties":{"a":{"type":"string"}}}"#, [#"{"a":"x","b":1}"#, "{}"], [#"{"a":1}"#]),
            (#"{"properties":{"a":{}},"additionalProperties":false}"#, [#"{"a":1}"#], [#"{"a":1,"b":2}"#]),
            (#"{"additionalProperties":{"type":"integer"}}"#, [#"{"x":1}"#], [#"{"x":"1"}"#]),
            (
                #"{"patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}"#,
                [#"{"x-a":1}"#], [#"{"x-a":"1"}"#, #"{"y":1}"#]
            ),
            (#"{"dependencies":{"a":["b"]}}"#, [#"{"a":1,"b":2}"#, #"{"b":1}"#], [#"{"a":1}"#]),
            (#"{"dependencies":{"a":{"required":["c"]}}}"#, [#"{"a":1,"c":2}"#, "{}"], [#"{"a":1}"#]),
            (#"{"allOf":[{"minimum":1},{"maximum":3}]}"#, ["2"], ["0", "4"]),
            (#"{"anyOf":[{"type":"string"},{"minimum":3}]}"#, [#""a""#, "4"], ["2"]),
            (#"{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}"#, ["2", "3"], ["6", "5"]),
            (#"{"not":{"type":"null"}}"#, ["1"], ["null"]),
            (
                ##"{"definitions":{"n":{"minimum":1}},"properties":{"a":{"$ref":"#/definitions/n"}}}"##,
                [#"{"a":1}"#], [#"{"a":0}"#]
            ),
            (
                ##"{"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}}"##,
                [#"{"next":{"next":{"v":1}}}"#], [#"{"next":{"v":"x"}}"#]
            ),
            (
                ##"{"properties":{"a~b/c":{"type":"integer"}},"items":{"$ref":"#/properties/a~0b~1c"}}"##,
                ["[1]"], [#"["x"]"#]
            ),
            (
                #"{"format":"date-time"}"#,
                [#""2026-02-28T23:59:59Z""#, #""2026-02-28t01:02:03.5+01:00""#],
                [#""2026-02-30T00:00:00Z""#, #""2026-02-28""#, #""2026-02-28T01:02:03""#]
            ),
            (#"{"format":"email"}"#, [#""a@b.c""#], [#""ab""#, #""a@@b""#, #""@b""#]),
            (#"{"format":"hostname"}"#, [#""a-1.example""#], [#""-a""#, #""a..b""#, #""a_b""#]),
            (#"{"format":"ipv4"}"#, [#""127.0.0.1""#], [#""256.0.0.1""#, #""1.2.3""#]),
            (
                #"{"format":"ipv6"}"#, [#""::1""#, #""1:2:3:4:5:6:7:8""#, #""::ffff:1.2.3.4""#],
                [#""1:2""#, #""::g""#]
            ),
            (#"{"format":"uri"}"#, [#""http://a/b?c%23d""#, #""urn:x:y""#], [#""/a""#, #""http://a b""#]),
            (#"{"format":"something else"}"#, [#""anything""#], []),
            ("{}", ["1", "null", "{}"], []),
        ] as [(String, [String], [String])])
    func aKeywordTakesAndRefuses(_ schema: String, _ good: [String], _ bad: [String]) throws {
        let schema = try JSONSchema(JSONValue.parse(schema))
        for text in good {
            #expect(schema.problems(of: try JSONValue.parse(text)).first == nil, "\(text)")
        }
        for text in bad {
            #expect(schema.problems(of: try JSONValue.parse(text)).first != nil, "\(text)")
        }
    }

    @Test func aReferenceLeadsToAnotherModel() throws {
        let pet = try JSONSchema(
            JSONValue.parse(#"{"$ref":"https://apigateway.amazonaws.com/restapis/abc/models/Owner"}"#))
        let owner = try JSONSchema(
            JSONValue.parse(##"{"$ref":"#/definitions/o","definitions":{"o":{"type":"string"}}}"##))
        #expect(pet.problems(of: "ada", models: ["Owner": owner]).first == nil)
        #expect(pet.problems(of: 1, models: ["Owner": owner]).first != nil)
        #expect(pet.problems(of: "ada").first?.contains("no model of this API") == true)
    }

    @Test func referencesInACircleEnd() throws {
        let schema = try JSONSchema(JSONValue.parse(##"{"$ref":"#"}"##))
        #expect(schema.problems(of: 1).first == "the schema is nested too deeply")
    }

    @Test func manyElementsAreHeldAgainstEachOther() throws {
        let schema = try JSONSchema(JSONValue.parse(#"{"uniqueItems":true}"#))
        var list = (0..<20_000).map { JSONValue.array([.number(JSONNumber($0)), ["a": 1]]) }
        #expect(schema.problems(of: .array(list)).isEmpty)
        list.append(try JSONValue.parse(#"[1e1,{"a":1.0}]"#))
        #expect(schema.problems(of: .array(list)).count == 1)
    }

    @Test func onlyTheFirstHundredProblemsAreTold() throws {
        let schema = try JSONSchema(
            JSONValue.parse(##"{"items":{"$ref":"#/definitions/t"},"definitions":{"t":{"type":"string"}}}"##))
        #expect(schema.problems(of: .array([JSONValue](repeating: 1, count: 5_000))).count == 100)
    }

    @Test func aProblemNamesItsPlace() throws {
        let schema = try JSONSchema(
            JSONValue.parse(#"{"properties":{"a":{"items":{"type":"string"}}}}"#))
        let value = try JSONValue.parse(#"{"a":["x",1]}"#)
        #expect(
            schema.problems(of: value).first
                == #"/a/1: instance type (integer) does not match any allowed primitive type (allowed: ["string"])"#
        )
    }

    @Test(arguments: [
        ("[]", "#"), (#"{"type":"text"}"#, "#/type"), (#"{"minimum":"1"}"#, "#/minimum"),
        (#"{"required":true}"#, "#/required"), (#"{"pattern":"("}"#, "#/pattern"),
        (#"{"enum":[]}"#, "#/enum"),
        (#"{"exclusiveMinimum":3}"#, "#/exclusiveMinimum"),
        (#"{"properties":{"a":{"maxLength":-1}}}"#, "#/properties/a/maxLength"),
        (#"{"anyOf":[{},{"multipleOf":0}]}"#, "#/anyOf/1/multipleOf"),
    ])
    func whatIsNoSchemaIsRefusedWithItsPlace(_ text: String, _ place: String) throws {
        let document = try JSONValue.parse(text)
        #expect { try JSONSchema(document) } throws: { ($0 as? JSONSchemaError)?.place == place }
    }
}
