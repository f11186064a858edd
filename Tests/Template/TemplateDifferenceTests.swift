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

    private func function(_ variables: JSONObject) -> JSONValue {
        ["Properties": ["Environment": ["Variables": .object(variables)]]]
    }

    @Test func valuesOfVariablesAndOfKeysAreNotShown() {
        let details = changes(
            [
                "A": function(["OLD": "secret-1", "BOTH": "secret-2", "SAME": "secret-3"]),
                "K": ["Properties": ["Value": "secret-4"]],
            ],
            [
                "A": function([
                    "BOTH": ["Fn::If": ["Has", "secret-5"]], "SAME": "secret-3", "NEW": "secret-6",
                ]),
                "K": ["Properties": ["Value": "secret-7"]],
            ]
        ).flatMap(\.details)
        #expect(
            details == [
                "Properties.Environment.Variables.BOTH: differs",
                "Properties.Environment.Variables.NEW: is new",
                "Properties.Environment.Variables.OLD: is removed", "Properties.Value: differs",
            ])
    }

    @Test func variablesThatComeAndGoAsAWholeAreNamedOnly() {
        let place = "Properties.Environment.Variables.V"
        let empty: [JSONValue] = [
            ["Type": "T"], ["Type": "T", "Properties": [:]],
            ["Type": "T", "Properties": ["Environment": [:]]],
        ]
        var whole = function(["V": "secret"]).object ?? [:]
        whole["Type"] = "T"
        for other in empty {
            let come = changes(["A": other], ["A": .object(whole)]).flatMap(\.details)
            #expect(come == ["\(place): is new"])
            let gone = changes(["A": .object(whole)], ["A": other]).flatMap(\.details)
            #expect(gone == ["\(place): is removed"])
        }
        let odd = changes(
            ["A": ["Properties": ["Environment": "secret"]]], ["A": ["Properties": ["Environment": [:]]]])
        #expect(odd.flatMap(\.details) == ["Properties.Environment: differs"])
    }

    @Test func defaultsOfParametersAreNotShown() {
        let details = TemplateDifference.changes(
            from: ["Parameters": ["P": ["Type": "String", "Default": "secret-1"]]],
            to: ["Parameters": ["P": ["Type": "Number", "Default": "secret-2"]]]
        ).flatMap(\.details)
        #expect(details == ["Type: \"String\" becomes \"Number\"", "Default: differs"])
    }

    @Test func whereCodeWasUploadedToIsNoChange() {
        #expect(
            changes(
                ["A": ["Properties": ["CodeUri": "s3://b/k"]]], ["A": ["Properties": ["CodeUri": "a.zip"]]]
            ).isEmpty)
    }
}
