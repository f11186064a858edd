import Clock
import JSON
import Testing

@testable import Lambda

@Suite struct RecordTests {
    private static func version(_ text: String) -> VersionRecord {
        VersionRecord(
            version: text, settings: ["Runtime": "provided.al2023", "Layers": ["a", "b"], "Timeout": 9],
            code: CodeRecord(blob: "b", size: 3, digest: "d", unzippedSize: 7),
            modified: Timestamp(milliseconds: 5), revision: "r", content: "c")
    }

    private static var function: FunctionRecord {
        var record = FunctionRecord(name: "f")
        record.latest = version("$LATEST")
        record.lastVersion = 4
        record.aliases["live"] = AliasRecord(
            version: "3", description: "d", weights: [("4", 0.25)], revision: "r")
        record.policies["$LATEST"] = PolicyRecord(statements: [["Sid": "s"]])
        record.urls["live"] = URLRecord(
            id: "id", authType: "NONE", cors: ["MaxAge": 3], invokeMode: "BUFFERED",
            created: Timestamp(milliseconds: 1), modified: Timestamp(milliseconds: 2))
        record.provisioned["3"] = ProvisionedRecord(count: 2, modified: Timestamp(milliseconds: 1))
        record.runtimeManagement["$LATEST"] = ["UpdateRuntimeOn": "Auto"]
        record.tags = ["t": "u"]
        record.reserved = 0
        record.recursiveLoop = "Allow"
        return record
    }

    @Test func aFunctionIsReadAsItWasWritten() throws {
        #expect(try FunctionRecord(decoding: Self.function.encoded()) == Self.function)
        #expect(
            try FunctionRecord(decoding: FunctionRecord(name: "g").encoded()) == FunctionRecord(name: "g"))
    }

    @Test func versionsAndLayersAreReadAsTheyWereWritten() throws {
        #expect(try VersionRecord(decoding: Self.version("3").encoded()) == Self.version("3"))
        var layer = LayerVersionRecord(
            number: 2, settings: ["Description": ""], code: Self.version("1").code,
            created: Timestamp(milliseconds: 1), revision: "r")
        layer.isHidden = true
        #expect(try LayerVersionRecord(decoding: layer.encoded()) == layer)
    }

    @Test(arguments: ["", "[]", "{}", #"{"format":1}"#, #"{"format":2,"name":"f"}"#])
    func whatIsNoRecordIsRefused(_ text: String) {
        #expect(throws: DamagedRecord.self) { try FunctionRecord(decoding: Array(text.utf8)) }
        #expect(throws: DamagedRecord.self) { try VersionRecord(decoding: Array(text.utf8)) }
    }

    @Test func settingsThatRunAreRead() {
        let version = Self.version("3")
        #expect(version.timeoutSeconds == 9)
        #expect(version.memoryMB == 128)
        #expect(version.layers == ["a", "b"])
        #expect(version.environment.isEmpty)
    }

    @Test func onlyWhatIsSetMakesARecordOfTheManifest() {
        var record = FunctionRecord(name: "f")
        #expect(record.isBlank)
        record.revision = "r"
        #expect(record.isBlank)
        record.reserved = 0
        #expect(!record.isBlank)
    }

    @Test func weightsAreTheShareOfTheOtherVersion() {
        let alias = AliasRecord(version: "1", description: "", weights: [("2", 0.25)], revision: "")
        #expect(alias.version { 0.0 } == "2")
        #expect(alias.version { 0.2499 } == "2")
        #expect(alias.version { 0.25 } == "1")
        #expect(alias.version { 0.9999 } == "1")
        var one = alias
        one.weights = [("2", 0)]
        #expect(one.version { 0.0 } == "1")
        one.weights = []
        #expect(one.version { 0.0 } == "1")
    }

    @Test func provisionedEnvironmentsOfAnAliasAreItsVersions() {
        var record = Self.function
        #expect(record.provisioned(for: "3") == 2)
        record.provisioned = ["live": ProvisionedRecord(count: 5, modified: Timestamp(milliseconds: 0))]
        #expect(record.provisioned(for: "3") == 5)
        #expect(record.provisioned(for: "4") == 0)
    }

    @Test(arguments: ["007", "+3", "03", "0", "-1", "3 ", ""])
    func onlyNumbersAsTheyAreShownNameVersions(_ text: String) {
        var record = Self.function
        for number in [0, 3, 7] { record.versions[number] = Self.version("\(number)") }
        #expect(record.version(text) == nil)
        #expect(record.version("7") != nil)
    }

    @Test func keysOfVersionsAreInTheirOrder() {
        let keys = [1, 2, 10, 300, 70_000].map { FunctionKeys.version("f", $0) }
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(keys.allSatisfy { FunctionKeys.name(in: $0) == "f" })
        let places = [1, 2, 10, 300].map(VersionPlace.text)
        #expect(places == places.sorted() && "$LATEST" < places[0])
    }
}
