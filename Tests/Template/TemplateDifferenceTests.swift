import JSON
import Testing

@testable import StackTemplate

@Suite struct TemplateDifferenceTests {
    private func document(_ resources: JSONObject) -> JSONValue { ["Resources": .object(resources)] }

    private func changes(_ old: JSONObject?, _ new: JSONObject) -> [TemplateDifference.Change] {
        TemplateDifference.changes(from: old.map(document), to: document(new))
    }

    @Test func theSameTemplateHasNoChange() {
        let resources: JSONObject = ["A": ["Type": "T", "Properties": ["B": [1, 2]]]]
        #expect(changes(resources, resources).isEmpty)
    }

    @Test func withoutAStackEverythingIsMade() {
        #expect(
            changes(nil, ["A": ["Type": "T"]]) == [.init(kind: .create, thing: "resource A (T)", details: [])]
        )
    }

    @Test func whatHasGoneIsDeleted() {
        #expect(
            changes(["A": ["Type": "T"]], [:]) == [.init(kind: .delete, thing: "resource A (T)", details: [])]
        )
    }

    @Test func aChangeNamesItsPlaceAndBothValues() {
        let details = changes(
            ["A": ["Properties": ["M": 1, "Gone": true, "L": [["x": 1]]]]],
            ["A": ["Properties": ["M": 2, "L": [["x": 3]], "New": "n"]]]
        ).flatMap(\.details)
        #expect(
            details == [
                "Properties.M: 1 becomes 2", "Properties.L[0].x: 1 becomes 3", "Properties.New: new, \"n\"",
                "Properties.Gone: removed, was true",
            ])
    }

    @Test func whereCodeWasUploadedToIsNoChange() {
        #expect(
            changes(
                ["A": ["Properties": ["CodeUri": "s3://b/k"]]], ["A": ["Properties": ["CodeUri": "a.zip"]]]
            ).isEmpty)
    }
}
