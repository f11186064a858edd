import JSON
import Testing

@testable import Lambda

/// Event patterns (Amazon EventBridge User Guide, "Comparison operators for use in event patterns").
@Suite struct EventPatternTests {
    struct Case: CustomTestStringConvertible {
        let pattern: String
        let event: String
        let matches: Bool
        var testDescription: String { "\(pattern) \(matches ? "takes" : "refuses") \(event)" }

        init(_ pattern: String, _ event: String, _ matches: Bool) {
            self.pattern = pattern
            self.event = event
            self.matches = matches
        }
    }

    static let values: [Case] = [
        Case(#"{"a":["x"]}"#, #"{"a":"x"}"#, true),
        Case(#"{"a":["x"]}"#, #"{"a":"y"}"#, false),
        Case(#"{"a":["x"]}"#, #"{"b":"x"}"#, false),
        Case(#"{"a":["x","y"]}"#, #"{"a":"y"}"#, true),
        Case(#"{"a":["x"]}"#, #"{"a":["y","x"]}"#, true),
        Case(#"{"a":["x"]}"#, #"{"a":[]}"#, false),
        Case(#"{"a":[1]}"#, #"{"a":1}"#, true),
        Case(#"{"a":[1]}"#, #"{"a":1.0}"#, true),
        Case(#"{"a":[300]}"#, #"{"a":3e2}"#, true),
        Case(#"{"a":[1]}"#, #"{"a":"1"}"#, false),
        Case(#"{"a":[true]}"#, #"{"a":true}"#, true),
        Case(#"{"a":[true]}"#, #"{"a":false}"#, false),
        Case(#"{"a":[null]}"#, #"{"a":null}"#, true),
        Case(#"{"a":[null]}"#, #"{}"#, false),
        Case(#"{"a":[""]}"#, #"{"a":""}"#, true),
        Case(#"{"a":["x"],"b":["y"]}"#, #"{"a":"x","b":"y"}"#, true),
        Case(#"{"a":["x"],"b":["y"]}"#, #"{"a":"x","b":"z"}"#, false),
        Case(#"{"a":{"b":["x"]}}"#, #"{"a":{"b":"x"}}"#, true),
        Case(#"{"a":{"b":["x"]}}"#, #"{"a":"x"}"#, false),
        Case(#"{"a":{"b":["x"],"c":["y"]}}"#, #"{"a":[{"b":"x","c":"n"},{"b":"x","c":"y"}]}"#, true),
        Case(#"{"a":{"b":["x"],"c":["y"]}}"#, #"{"a":[{"b":"x"},{"c":"y"}]}"#, false),
        Case(#"{"a":["x"]}"#, #"{"a":{"x":1}}"#, false),
    ]

    static let operators: [Case] = [
        Case(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":"abc"}"#, true),
        Case(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":"ab"}"#, true),
        Case(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":"xab"}"#, false),
        Case(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":1}"#, false),
        Case(#"{"a":[{"prefix":{"equals-ignore-case":"Ab"}}]}"#, #"{"a":"aBC"}"#, true),
        Case(#"{"a":[{"suffix":".png"}]}"#, #"{"a":"x.png"}"#, true),
        Case(#"{"a":[{"suffix":".png"}]}"#, #"{"a":"x.PNG"}"#, false),
        Case(#"{"a":[{"suffix":{"equals-ignore-case":".png"}}]}"#, #"{"a":"x.PNG"}"#, true),
        Case(#"{"a":[{"suffix":".png"}]}"#, #"{"a":"png"}"#, false),
        Case(#"{"a":[{"equals-ignore-case":"Alice"}]}"#, #"{"a":"aLICE"}"#, true),
        Case(#"{"a":[{"equals-ignore-case":"Alice"}]}"#, #"{"a":"Alicia"}"#, false),
        Case(#"{"a":[{"exists":true}]}"#, #"{"a":null}"#, true),
        Case(#"{"a":[{"exists":true}]}"#, #"{}"#, false),
        Case(#"{"a":[{"exists":true}]}"#, #"{"a":{"b":1}}"#, false),
        Case(#"{"a":[{"exists":false}]}"#, #"{}"#, true),
        Case(#"{"a":[{"exists":false}]}"#, #"{"a":1}"#, false),
        Case(#"{"a":{"b":[{"exists":false}]}}"#, #"{"c":1}"#, true),
        Case(#"{"a":[{"exists":false},"x"]}"#, #"{"a":"x"}"#, true),
        Case(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":"y"}"#, true),
        Case(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":"x"}"#, false),
        Case(#"{"a":[{"anything-but":"x"}]}"#, #"{}"#, false),
        Case(#"{"a":[{"anything-but":["x","y"]}]}"#, #"{"a":"y"}"#, false),
        Case(#"{"a":[{"anything-but":[1,2]}]}"#, #"{"a":3}"#, true),
        Case(#"{"a":[{"anything-but":{"prefix":"in"}}]}"#, #"{"a":"init"}"#, false),
        Case(#"{"a":[{"anything-but":{"prefix":["in","out"]}}]}"#, #"{"a":"outer"}"#, false),
        Case(#"{"a":[{"anything-but":{"suffix":"er"}}]}"#, #"{"a":"inner"}"#, false),
        Case(#"{"a":[{"anything-but":{"suffix":"er"}}]}"#, #"{"a":"in"}"#, true),
        Case(#"{"a":[{"anything-but":{"equals-ignore-case":["X","y"]}}]}"#, #"{"a":"x"}"#, false),
        Case(#"{"a":[{"anything-but":{"wildcard":"*/bin/*"}}]}"#, #"{"a":"/usr/bin/x"}"#, false),
        Case(#"{"a":[{"anything-but":{"wildcard":"*/bin/*"}}]}"#, #"{"a":"/usr/lib/x"}"#, true),
        Case(#"{"a":[{"numeric":["=",5]}]}"#, #"{"a":5.0}"#, true),
        Case(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":5}"#, true),
        Case(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":0}"#, false),
        Case(#"{"a":[{"numeric":[">=",-3.5]}]}"#, #"{"a":-3.5}"#, true),
        Case(#"{"a":[{"numeric":["<",10]}]}"#, #"{"a":"5"}"#, false),
        Case(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.0.255"}"#, true),
        Case(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.1.0"}"#, false),
        Case(#"{"a":[{"cidr":"10.0.0.0/9"}]}"#, #"{"a":"10.127.1.1"}"#, true),
        Case(#"{"a":[{"cidr":"10.0.0.0/9"}]}"#, #"{"a":"10.128.1.1"}"#, false),
        Case(#"{"a":[{"cidr":"2001:db8::/32"}]}"#, #"{"a":"2001:db8:1::ff"}"#, true),
        Case(#"{"a":[{"cidr":"2001:db8::/32"}]}"#, #"{"a":"10.0.0.1"}"#, false),
        Case(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"no address"}"#, false),
    ]

    static let wildcards: [Case] = [
        Case(#"{"a":[{"wildcard":"*"}]}"#, #"{"a":""}"#, true),
        Case(#"{"a":[{"wildcard":"dir/*.png"}]}"#, #"{"a":"dir/a/b.png"}"#, true),
        Case(#"{"a":[{"wildcard":"dir/*.png"}]}"#, #"{"a":"dir/.pn"}"#, false),
        Case(#"{"a":[{"wildcard":"a*b*c"}]}"#, #"{"a":"axxbyyc"}"#, true),
        Case(#"{"a":[{"wildcard":"a*b*c"}]}"#, #"{"a":"acb"}"#, false),
        Case(#"{"a":[{"wildcard":"ab*ba"}]}"#, #"{"a":"aba"}"#, false),
        Case(#"{"a":[{"wildcard":"a\\*"}]}"#, #"{"a":"a*"}"#, true),
        Case(#"{"a":[{"wildcard":"a\\*"}]}"#, #"{"a":"ab"}"#, false),
        Case(#"{"a":[{"wildcard":"plain"}]}"#, #"{"a":"plain"}"#, true),
    ]

    static let alternatives: [Case] = [
        Case(#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#, #"{"b":"y"}"#, true),
        Case(#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#, #"{"a":"y"}"#, false),
        Case(#"{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}"#, #"{"a":"x","c":"z"}"#, true),
        Case(#"{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}"#, #"{"a":"x"}"#, false),
        Case(#"{"d":{"$or":[{"a":["x"]},{"b":["y"]}]}}"#, #"{"d":{"b":"y"}}"#, true),
        // A field that happens to be called so.
        Case(#"{"$or":["x"]}"#, #"{"$or":"x"}"#, true),
        Case(
            #"{"d":{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}}"#,
            #"{"d":[{"c":"z","a":"n"},{"c":"n","a":"x"}]}"#, false),
        Case(
            #"{"d":{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}}"#,
            #"{"d":[{"c":"n"},{"c":"z","b":"y"}]}"#, true),
    ]

    @Test(arguments: values + operators + wildcards + alternatives)
    func matching(_ one: Case) throws {
        let pattern = try EventPattern(one.pattern)
        #expect(pattern.matches(try JSONValue.parse(one.event)) == one.matches)
    }

    @Test(arguments: [
        "null", "\"simple string\"", "[]", "{}", #"{"a":"x"}"#, #"{"a":[]}"#, #"{"a":{}}"#, #"{"a":1}"#, "{",
        #"{"a":[["x"]]}"#, #"{"a":[{"prefix":1}]}"#, #"{"a":[{"unknown":"x"}]}"#,
        #"{"a":[{"prefix":"x","suffix":"y"}]}"#, #"{"a":[{"exists":"yes"}]}"#, #"{"a":[{"numeric":[">"]}]}"#,
        #"{"a":[{"numeric":["~",1]}]}"#, #"{"a":[{"numeric":[">",5,"<",1]}]}"#,
        #"{"a":[{"numeric":["<",1,">",5]}]}"#, #"{"a":[{"numeric":["=",5000000001]}]}"#,
        #"{"a":[{"cidr":"10.0.0.0"}]}"#, #"{"a":[{"cidr":"10.0.0.0/33"}]}"#, #"{"a":[{"anything-but":[]}]}"#,
        #"{"a":[{"anything-but":true}]}"#, #"{"a":[{"anything-but":{"numeric":["=",1]}}]}"#,
        #"{"a":[{"wildcard":"a**b"}]}"#, #"{"a":[{"wildcard":"a\\b"}]}"#, #"{"a":[{}]}"#,
    ])
    func refusedPatterns(_ text: String) {
        #expect(throws: EventPattern.Invalid.self) { try EventPattern(text) }
    }
}
