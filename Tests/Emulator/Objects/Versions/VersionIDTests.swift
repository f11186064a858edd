import Seeded
import Testing

@testable import Objects

@Suite struct VersionIDTests {
    @Test func anIdentifierHoldsItsOrder() throws {
        var random = SeededRandom(seed: 1)
        for order in [0, 1, 255, 1 << 40, UInt64.max] as [UInt64] {
            let version = VersionID(order: order, using: &random)
            #expect(version.text.utf8.count == 32)
            #expect(version.order == order)
            #expect(VersionID(version.text) == version)
        }
    }

    @Test func twoIdentifiersOfOneOrderDiffer() {
        var random = SeededRandom(seed: 2)
        #expect(VersionID(order: 7, using: &random).text != VersionID(order: 7, using: &random).text)
    }

    @Test(arguments: ["", "null ", "NULL", "x", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", "ü", "AAAA"])
    func textsThatNoVersionIsCalledBy(_ text: String) { #expect(VersionID(text) == nil) }

    @Test func anIdentifierWithOneOtherCharacter() {
        var random = SeededRandom(seed: 3)
        let text = Array(VersionID(order: 99, using: &random).text)
        for index in text.indices {
            var changed = text
            changed[index] = text[index] == "A" ? "B" : "A"
            #expect(VersionID(String(changed)) == nil)
        }
    }

    @Test func null() {
        #expect(VersionID("null") == .null)
        #expect(VersionID.null.order == nil)
        #expect(VersionID.null.text == "null")
    }
}
