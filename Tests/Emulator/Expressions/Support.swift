import JSON

@testable import Expressions

/// `number("1.5")`; only for texts that are known to be good.
func number(_ text: String) -> AttributeValue { .n(try! DecimalNumber(text)) }

func value(_ json: String) throws -> AttributeValue { try AttributeValue(json: JSONValue.parse(json)) }

func item(_ json: String) throws -> Item { try Item(json: JSONValue.parse(json)) }

/// The text of the error a block throws, or what came instead.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch let error as ValidationError {
        return error.message
    } catch {
        return "another error: \(error)"
    }
}

/// Substitutions that the tables of cases share.
let sharedNames = ["#a": "a", "#n": "name", "#x": "x"]
let sharedValues: [String: AttributeValue] = [
    ":s": .s("text"), ":n": number("5"), ":m": number("1"), ":b": .b([1, 2]), ":t": .bool(true), ":z": .null,
    ":l": .l([number("1"), .s("two")]), ":o": .m(["k": .s("v")]), ":ss": .strings(["a", "b"]),
    ":ns": .numbers([DecimalNumber(1), DecimalNumber(2)]), ":bs": .binaries([[1], [2]]), ":typeS": .s("S"),
    ":typeBad": .s("X"), ":te": .s("te"), ":e": .s(""),
]
func sharedAttributes() -> ExpressionAttributes {
    ExpressionAttributes(names: sharedNames, values: sharedValues)
}

enum JSONText {
    static func object(_ text: String) throws -> JSONObject {
        try JSONValue.parse(text).object ?? JSONObject()
    }
}
