/// The name of a function behind a route, in which `${stageVariables.name}` stands for a stage's variable.
public enum FunctionName {
    private static let opening = "${stageVariables."

    public static func hasVariables(_ name: String) -> Bool { name.contains(opening) }

    /// The name on a stage with these variables; nil when one of them is missing there, or a brace is never closed.
    public static func resolve(_ name: String, _ variables: [String: String]) -> String? {
        var resolved = ""
        var rest = name[...]
        while let range = rest.firstRange(of: opening) {
            resolved += rest[..<range.lowerBound]
            guard let end = rest[range.upperBound...].firstIndex(of: "}"),
                let value = variables[String(rest[range.upperBound..<end])]
            else { return nil }
            resolved += value
            rest = rest[rest.index(after: end)...]
        }
        return resolved + rest
    }
}
