import Doctor
import JSON

/// Actions that a function was seen to use, against those that its manifest permits. Pure.
enum PermissionCheck {
    /// - Returns: a finding for each thing that something is missing on, with the entry to add.
    static func findings(_ used: Set<UsedAction>, _ manifest: Manifest) -> [Finding] {
        manifest.functions.flatMap { function -> [Finding] in
            let permissions = manifest.document["functions"]?[function.name]?["permissions"]?.array ?? []
            let missing = used.filter { action in
                action.function == function.name && !permissions.contains { covers($0, action) }
            }
            return findings(Array(missing), function.name, manifest)
        }
    }

    /// Whether a permission of the manifest allows an action.
    static func covers(_ permission: JSONValue, _ used: UsedAction) -> Bool {
        let actions = (permission["actions"]?.array ?? []).compactMap(\.string)
        guard actions.contains(used.action), permission[used.kind]?.string == used.name else { return false }
        guard let key = used.key, let allowed = permission["keys"]?.string else { return true }
        guard allowed.hasSuffix("*") else { return allowed == key }
        return key.hasPrefix(allowed.dropLast())
    }

    private static func findings(_ missing: [UsedAction], _ function: String, _ manifest: Manifest)
        -> [Finding]
    {
        let groups = Dictionary(grouping: missing) { "\($0.kind)\n\($0.name)\n\($0.key ?? "")" }
        return groups.sorted { $0.key < $1.key }.compactMap { _, used in
            guard let one = used.first else { return nil }
            let actions = used.map(\.action).sorted()
            var entry: JSONObject = [
                "actions": .array(actions.map { .string($0) }), one.kind: .string(one.name),
            ]
            if let key = one.key, key != "*" { entry["keys"] = .string(key) }
            let place = "\(one.kind) \(one.name)\(one.key.map { "/\($0)" } ?? "")"
            return Finding(
                .error, "function \(function)",
                "It uses \(actions.joined(separator: ", ")) on \(place), which its permissions do not allow.",
                remedy: declared(one, manifest)
                    ? "Add \(JSONValue.object(entry).encodedString()) to 'functions.\(function).permissions'."
                    : "Declare the \(one.kind) '\(one.name)' in the manifest, then permit it.")
        }
    }

    private static func declared(_ used: UsedAction, _ manifest: Manifest) -> Bool {
        switch used.kind {
        case "table": manifest.tables.contains { $0["TableName"]?.string == used.name }
        case "bucket": manifest.buckets.contains { $0.name == used.name }
        case "function": manifest.function(used.name) != nil
        default: true
        }
    }
}
