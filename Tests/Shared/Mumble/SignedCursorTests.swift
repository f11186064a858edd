import Mumble
import Testing

@Suite struct SignedCursorTests {
    let cursors = SignedCursor(secret: "sixteen bytes or more", purpose: "list")

    @Test func whatWasSealedOpens() {
        #expect(cursors.open(cursors.seal(["u": "ann", "n": 3])) == ["u": "ann", "n": 3])
    }

    @Test func otherSecretsAndPurposesDoNot() {
        let sealed = cursors.seal(["u": "ann"])
        #expect(SignedCursor(secret: "sixteen bytes or mor", purpose: "list").open(sealed) == nil)
        #expect(SignedCursor(secret: "sixteen bytes or more", purpose: "lis").open(sealed) == nil)
    }

    @Test func everyCharacterCounts() {
        let sealed = cursors.seal(["u": "ann"])
        for position in sealed.indices {
            for other in ["A", "b", "_"] where String(sealed[position]) != other {
                let forged = sealed.replacingCharacter(at: position, with: other)
                #expect(cursors.open(forged) == nil, "\(forged)")
            }
        }
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "=.=", "e30.", "\u{0}", String(repeating: "a", count: 5000)])
    func garbageIsNil(_ text: String) { #expect(cursors.open(text) == nil) }
}

extension String {
    fileprivate func replacingCharacter(at position: Index, with text: String) -> String {
        String(self[..<position]) + text + String(self[index(after: position)...])
    }
}
