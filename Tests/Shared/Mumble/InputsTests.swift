import JSON
import LambdaEvents
import Mumble
import TestSupport
import Testing

@Suite struct InputsTests {
    private func message(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? HandlerError)?.message
        }
    }

    private func query(_ texts: [String: String]) throws -> Inputs {
        Inputs(queryOf: try HTTPAPIEvent.make("GET", "/", query: texts))
    }

    @Test func numbersInABodyAreNumbersOnly() throws {
        let fields = Inputs(fields: ["a": 5, "b": "5", "c": 5.0, "d": 5.5, "e": true, "f": nil])
        #expect(try fields["a"].integer(in: 1...9) == 5)
        #expect(try fields["c"].integer(in: 1...9) == 5)
        #expect(try fields["f"].integer(in: 1...9) == nil)
        #expect(try fields["g"].integer(in: 1...9) == nil)
        for name in ["b", "d", "e"] {
            #expect(
                message { _ = try fields[name].integer(in: 1...9) }
                    == "field '\(name)' must be an integer from 1 to 9")
        }
    }

    @Test func numbersInAQueryAreText() throws {
        let inputs = try query(["a": "5", "b": "+5", "c": " 5", "d": "0x5", "e": "", "f": "5e0", "g": "٥"])
        #expect(try inputs["a"].integer(in: 1...9) == 5)
        #expect(try inputs["e"].integer(in: 1...9) == nil)
        #expect(try inputs["f"].number(in: 1...9) == 5)
        for name in ["b", "c", "d", "g"] {
            #expect(
                message { _ = try inputs[name].integer(in: 1...9) }
                    == "query parameter '\(name)' must be an integer from 1 to 9")
        }
    }

    @Test func numbersMustBeFiniteAndInRange() throws {
        let big = try #require(JSONNumber(text: "1e999"))
        let fields = Inputs(fields: ["big": .number(big), "edge": -90, "low": -90.01])
        #expect(try fields["edge"].requiredNumber(in: -90...90) == -90)
        for name in ["big", "low"] {
            #expect(
                message { _ = try fields[name].number(in: -90...90) }
                    == "field '\(name)' must be a number from -90 to 90")
        }
    }

    @Test func absentInputsAreNamed() throws {
        let fields = Inputs(fields: [:], prefix: "entries[3].")
        #expect(
            message { _ = try fields["delta"].requiredInteger(in: 1...2) }
                == "field 'entries[3].delta' is missing")
        #expect(
            message { _ = try query([:])["lat"].requiredNumber(in: 0...1) }
                == "query parameter 'lat' is missing")
        let path = Inputs(path: [:])
        #expect(message { _ = try path["id"].requiredText(.identifier) } == "path parameter 'id' is missing")
    }

    @Test func choicesAreListed() {
        let fields = Inputs(fields: ["language": "fr", "other": 1])
        #expect(
            message { _ = try fields["language"].choice(["zh", "en"]) }
                == "field 'language' must be one of zh, en")
        #expect(message { _ = try fields["other"].choice(["zh"]) } == "field 'other' must be one of zh")
    }

    @Test(arguments: [
        ("", "MissingBody"), ("[]", "InvalidBody"), ("7", "InvalidBody"), ("{", "InvalidJSON"),
        ("{\"a\":1}x", "InvalidJSON"), ("{'a':1}", "InvalidJSON"), ("{\"a\":\"\\ud800\"}", "InvalidJSON"),
    ])
    func brokenBodies(_ body: String, _ code: String) throws {
        let event = try HTTPAPIEvent.make("POST", "/", body: body)
        #expect { try JSONBody.object(of: event) } throws: { ($0 as? HandlerError)?.code == code }
    }

    @Test func base64IsUndoneOrRefused() throws {
        let good = try HTTPAPIEvent.make("POST", "/", body: "eyJhIjoxfQ==", isBase64Encoded: true)
        #expect(try JSONBody.object(of: good) == ["a": 1])
        let bad = try HTTPAPIEvent.make("POST", "/", body: "eyJhIjoxfQ=", isBase64Encoded: true)
        #expect { try JSONBody.object(of: bad) } throws: { ($0 as? HandlerError)?.code == "InvalidBody" }
    }

    @Test func bodiesHaveALimit() throws {
        let limit = JSONBody.maximumJSONBytes
        let fits = "{\"a\":\"" + String(repeating: "x", count: limit - 8) + "\"}"
        #expect(try JSONBody.object(of: HTTPAPIEvent.make("POST", "/", body: fits)).count == 1)
        let over = try HTTPAPIEvent.make("POST", "/", body: fits + " ")
        #expect { try JSONBody.object(of: over) } throws: { ($0 as? HandlerError)?.status == 413 }
    }
}
