import Foundation
import JSON
import Testing

@Suite struct JSONEncodeTests {
    @Test func escapesOnlyWhatItMust() {
        let value: JSONValue = ["k\"": "a\\b/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é😀"]
        #expect(value.encodedString() == #"{"k\"":"a\\b/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é😀\"}")
    }

    @Test func compact() {
        let value: JSONValue = ["a": [1, 2.5, true, nil, []], "b": [:]]
        #expect(value.encodedString() == #"{"a":[1,2.5,true,null,[]],"b":{}}"#)
        #expect(value.object?.encoded() == value.encoded())
    }

    @Test func writerMakesWhatATreeMakes() {
        var writer = JSONWriter()
        writer.openObject()
        writer.openObject("empty")
        writer.closeObject()
        writer.member("k\"{", "a{")
        writer.openObject("inner")
        writer.member("b", [1, [:]])
        writer.member("c", nil)
        writer.closeObject()
        writer.member("d", true)
        writer.closeObject()
        let tree: JSONValue = ["empty": [:], "k\"{": "a{", "inner": ["b": [1, [:]], "c": nil], "d": true]
        let bytes = writer.bytes
        #expect(bytes == tree.encoded())
    }

    @Test func pretty() {
        let value: JSONValue = ["a": [1, ["b": nil]], "c": [], "d": [:]]
        #expect(
            value.prettyPrinted() == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """)
    }

    /// Strings that Foundation made are not stored as contiguous UTF-8.
    @Test func bridgedStrings() {
        let text = NSString(string: "é\"\n").appending("x")
        #expect(JSONValue.string(text).encodedString() == #""é\"\nx""#)
    }
}

@Suite struct JSONObjectTests {
    @Test func orderDoesNotMatterForEquality() {
        let a: JSONObject = ["x": 1, "y": 2]
        let b: JSONObject = ["y": 2, "x": 1]
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(a != ["x": 1])
        #expect(a != ["x": 1, "y": 3])
        #expect(a != ["x": 1, "z": 2])
    }

    @Test func editing() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        #expect(object.keys == ["a", "b", "c"])
        object["b"] = nil
        object.removeValue(forKey: "absent")
        #expect(object.map(\.key) == ["a", "c"])
        #expect(object.map(\.value) == [3, 4])
        object.append("d", nil)
        #expect(object["d"] == .some(.null) && object.count == 3 && !object.isEmpty)
    }

    @Test func literalsKeepTheLast() {
        let object: JSONObject = ["a": 1, "a": 2]
        #expect(object.count == 1 && object["a"] == 2)
    }
}

@Suite struct JSONLocatorTests {
    static let source = Array(
        """
        {
          "a": 1,
          "routes": [
            {"route": "GET /"},
            {
              "route": "GET /b",
              "n": {"m\\u0041": [true,
                 false]}
            }
          ],
          "a": 2
        }
        """.utf8)

    @Test(arguments: [
        ([], 1), (["a"], 11), (["routes"], 3), (["routes", "0"], 4), (["routes", "0", "route"], 4),
        (["routes", "1"], 5), (["routes", "1", "route"], 6), (["routes", "1", "n", "mA", "1"], 8),
        (["routes", "1", "n", "mA", "0"], 7), (["b"], nil), (["routes", "2"], nil), (["routes", "x"], nil),
        (["routes", "-1"], nil), (["a", "b"], nil), (["a", "0"], nil),
    ])
    func lines(path: [String], line: Int?) {
        #expect(JSONLocator.line(of: path, in: JSONLocatorTests.source) == line)
    }

    @Test func brokenSourceHasNoLines() {
        #expect(JSONLocator.line(of: ["a"], in: Array("{\"a\":1".utf8)) == nil)
        #expect(JSONLocator.line(of: ["a"], in: []) == nil)
        #expect(JSONLocator.line(of: ["a"], in: Array("{}".utf8)) == nil)
        #expect(JSONLocator.line(of: ["0"], in: Array("[]".utf8)) == nil)
    }
}

@Suite struct JSONMemberNameTests {
    /// Swift calls the two texts equal; they are two names.
    @Test(arguments: [0, 40]) func spellingsOfOneCharacterAreTwoNames(_ others: Int) throws {
        let filler = (0..<others).map { #""k\#($0)":0,"# }.joined()
        let text = "{\(filler)\"\u{E9}\":1,\"e\u{301}\":2}"
        let value = try JSONValue.parse(text)
        #expect(value.encodedString().utf8.elementsEqual(text.utf8))
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }
}
