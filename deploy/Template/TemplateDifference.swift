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

    private static func differences(from old: JSONValue, to new: JSONValue, at path: String) -> [String] {
        guard old != new else { return [] }
        if let before = old.object, let after = new.object {
            var lines: [String] = []
            for (key, value) in after where !uploaded.contains(key) {
                let place = path.isEmpty ? key : "\(path).\(key)"
                if let known = before[key] {
                    lines += differences(from: known, to: value, at: place)
                } else {
                    lines.append("\(place): new, \(value.encodedString())")
                }
            }
            for (key, value) in before where after[key] == nil {
                lines.append(
                    "\(path.isEmpty ? key : "\(path).\(key)"): removed, was \(value.encodedString())")
            }
            return lines
        }
        if let before = old.array, let after = new.array, before.count == after.count {
            return zip(before, after).enumerated().flatMap { index, pair in
                differences(from: pair.0, to: pair.1, at: "\(path)[\(index)]")
            }
        }
        return ["\(path): \(old.encodedString()) becomes \(new.encodedString())"]
    }
}
