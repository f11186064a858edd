import JSON

/// What differs between two templates, resource by resource. Pure.
public enum TemplateDifference {
    public struct Change: Sendable, Equatable {
        public enum Kind: String, Sendable { case create, update, delete }
        public let kind: Kind
        /// `resource HealthFunction (AWS::Serverless::Function)`
        public let thing: String
        /// A line for each place that differs.
        public let details: [String]
    }

    /// Where `aws cloudformation package` puts addresses of what it has uploaded.
    private static let uploaded: Set<String> = ["CodeUri", "ContentUri"]

    /// - Parameter old: the deployed template; nil when there is none.
    public static func changes(from old: JSONValue?, to new: JSONValue) -> [Change] {
        var changes: [Change] = []
        for section in ["Parameters", "Conditions", "Resources", "Outputs"] {
            let label = String(section.lowercased().dropLast())
            let before = old?[section]?.object ?? [:]
            let after = new[section]?.object ?? [:]
            for (name, value) in after {
                let thing = "\(label) \(name)\(value["Type"]?.string.map { " (\($0))" } ?? "")"
                guard let known = before[name] else {
                    changes.append(Change(kind: .create, thing: thing, details: []))
                    continue
                }
                let details = differences(from: known, to: value, at: "")
                if !details.isEmpty { changes.append(Change(kind: .update, thing: thing, details: details)) }
            }
            for (name, value) in before where after[name] == nil {
                let thing = "\(label) \(name)\(value["Type"]?.string.map { " (\($0))" } ?? "")"
                changes.append(Change(kind: .delete, thing: thing, details: []))
            }
        }
        return changes
    }

    private static func differences(from old: JSONValue?, to new: JSONValue?, at path: String) -> [String] {
        guard old != new else { return [] }
        if Secrets.are(path) { return [secretLine(old, new, path)] }
        if Secrets.areBelow(path) {
            // What has gone or come as a whole is gone through as well: its secrets are named, not shown.
            let lines = members(old?.object ?? [:], new?.object ?? [:], path)
            let areObjects = old?.object != nil && new?.object != nil
            return lines.isEmpty && !areObjects ? [secretLine(old, new, path)] : lines
        }
        guard let old else { return ["\(path): new, \(new?.encodedString() ?? "")"] }
        guard let new else { return ["\(path): removed, was \(old.encodedString())"] }
        if let before = old.object, let after = new.object { return members(before, after, path) }
        if let before = old.array, let after = new.array, before.count == after.count {
            return zip(before, after).enumerated().flatMap { index, pair in
                differences(from: pair.0, to: pair.1, at: "\(path)[\(index)]")
            }
        }
        return ["\(path): \(old.encodedString()) becomes \(new.encodedString())"]
    }

    private static func members(_ before: JSONObject, _ after: JSONObject, _ path: String) -> [String] {
        let place = { (key: String) in path.isEmpty ? key : "\(path).\(key)" }
        var lines: [String] = []
        for (key, value) in after where !uploaded.contains(key) {
            lines += differences(from: before[key], to: value, at: place(key))
        }
        for (key, value) in before where after[key] == nil {
            lines += differences(from: value, to: nil, at: place(key))
        }
        return lines
    }

    private static func secretLine(_ old: JSONValue?, _ new: JSONValue?, _ path: String) -> String {
        "\(path): \(old == nil ? "is new" : new == nil ? "is removed" : "differs")"
    }

    /// Values that are nobody's business, as those of variables: differences are kept in logs of builds.
    private enum Secrets {
        private static let variables = "Properties.Environment.Variables"

        /// Of functions, of API keys, of parameters.
        static func are(_ path: String) -> Bool {
            path.hasPrefix(variables + ".") || path == "Properties.Value" || path == "Default"
        }

        static func areBelow(_ path: String) -> Bool {
            ["Properties", "Properties.Environment", variables].contains(path)
        }
    }
}
