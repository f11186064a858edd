import JSON
import Testing

@Suite struct JSONReaderTests {
    /// Reads an object of strings, values and objects to its end; nil when the reader has failed.
    private func read(_ text: String) -> [String: String]? {
        Array(text.utf8).withUnsafeBufferPointer { source in
            var reader = JSONReader(source)
            var found: [String: String] = [:]
            reader.enterObject()
            while let name = reader.nextName() {
                switch name {
                case "text": found["text"] = reader.string() ?? "none"
                case "flag": found["flag"] = reader.bool().map { "\($0)" } ?? "none"
                case "map": for (name, text) in reader.texts() { found[name] = text }
                default: found[name.text] = reader.value()?.encodedString()
                }
            }
            return reader.isComplete() ? found : nil
        }
    }

    @Test func readsMembersInAnyOrder() {
        let text = #" { "n" : [1,{"a":2}] , "text":"aé\n😀", "flag" :true,"map":{"x":"1","y":"","x":"2"}} "#
        #expect(read(text) == ["n": #"[1,{"a":2}]"#, "text": "aé\n😀", "flag": "true", "x": "2", "y": ""])
        #expect(read(#"{"text":null,"flag":null,"map":null}"#) == ["text": "none", "flag": "none"])
        #expect(read("{}") == [:])
        #expect(read(#"{"a":{},"map":{}}"#) == ["a": "{}"])
    }

    @Test(arguments: [
        "", "[]", "{", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{"a":1}}"#,
        #"{"a":1} x"#,
        #"{a:1}"#, #"{"text":1}"#, #"{"text":"\q"}"#, #"{"text":"a"#, #"{"flag":"true"}"#, #"{"flag":tru}"#,
        #"{"map":[]}"#, #"{"map":{"a":null}}"#, #"{"map":{"a":1}}"#, #"{"map":{"a":"b"}"#, #"{"n":01}"#,
        #"{"é":1}"#, #"{"\u0061":1}"#, "{\"a\u{1}\":1}", #"{"a":1"#,
    ])
    func refuses(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func refusesTextThatIsNotUTF8() {
        let bytes = Array(#"{"text":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        bytes.withUnsafeBufferPointer { source in
            var reader = JSONReader(source)
            reader.enterObject()
            while reader.nextName() != nil { _ = reader.string() }
            let hasFailed = reader.hasFailed
            #expect(hasFailed)
        }
    }
}
