import Testing

@testable import Lambda

@Suite struct ExtensionRegistryTests {
    private func refusal(_ work: () throws(ExtensionRefusal) -> Void) -> String? {
        do throws(ExtensionRefusal) {
            try work()
            return nil
        } catch {
            return error.type
        }
    }

    private func registry() -> ExtensionRegistry {
        var registry = ExtensionRegistry()
        registry.add(program: "agent", identifier: "id")
        return registry
    }

    @Test func aProgramGoesThroughItsLife() throws {
        var registry = registry()
        #expect(!registry.isRegistered && !registry.isAtRest)
        #expect(
            try registry.register(name: "agent", events: ["INVOKE", "SHUTDOWN"], newIdentifier: "x") == "id")
        #expect(registry.isRegistered && !registry.isAtRest)
        try registry.next("id", isPolling: false)
        #expect(registry.isAtRest)
        #expect(registry.deliver(.invoke).map(\.identifier) == ["id"])
        #expect(!registry.isAtRest && registry.deliver(.invoke).isEmpty)
        try registry.next("id", isPolling: false)
        #expect(registry.deliver(.shutdown).map(\.identifier) == ["id"])
        registry.exited("id")
        #expect(registry.isAtRest)
    }

    @Test func onlySubscribersGetAnEvent() throws {
        var registry = registry()
        _ = try registry.register(name: "agent", events: ["SHUTDOWN"], newIdentifier: "x")
        try registry.next("id", isPolling: false)
        #expect(registry.deliver(.invoke).isEmpty && registry.isAtRest)
    }

    @Test func aSecondPollIsRefusedWhileOneIsHeld() throws {
        var registry = registry()
        _ = try registry.register(name: "agent", events: [], newIdentifier: "x")
        try registry.next("id", isPolling: false)
        #expect(
            refusal { () throws(ExtensionRefusal) in try registry.next("id", isPolling: true) }
                == "Extension.InvalidExtensionState")
        #expect(refusal { () throws(ExtensionRefusal) in try registry.next("id", isPolling: false) } == nil)
    }

    @Test func partsOfTheRuntimeComeOnlyDuringTheInit() throws {
        var registry = ExtensionRegistry()
        #expect(try registry.register(name: "inside", events: ["INVOKE"], newIdentifier: "new") == "new")
        registry.close()
        #expect(
            refusal { () throws(ExtensionRefusal) in
                _ = try registry.register(name: "late", events: [], newIdentifier: "other")
            } == "Extension.RegistrationClosed")
    }

    @Test(arguments: ["next", "initError", "exitError"]) func strangersAreRefused(_ call: String) {
        var registry = registry()
        let type = refusal { () throws(ExtensionRefusal) in
            switch call {
            case "next": try registry.next("nobody", isPolling: false)
            case "initError": try registry.initError("nobody")
            default: try registry.exitError("nobody")
            }
        }
        #expect(type == "Extension.UnknownExtensionIdentifier")
    }

    @Test func aProgramThatHasNotRegisteredMayNotPoll() {
        var registry = registry()
        #expect(
            refusal { () throws(ExtensionRefusal) in try registry.next("id", isPolling: false) }
                == "Extension.InvalidExtensionState")
    }
}
