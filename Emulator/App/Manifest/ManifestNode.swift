import JSON

/// A value of the manifest that knows where it stands, so that every complaint can name file and line.
struct ManifestNode {
    let value: JSONValue
    let path: [String]
    let file: String
    let source: [UInt8]

    func failure(_ problem: String) -> ManifestError {
        ManifestError(
            file: file, line: JSONLocator.line(of: path, in: source), field: path.joined(separator: "."),
            problem: problem)
    }

    subscript(key: String) -> ManifestNode? {
        guard let child = value[key] else { return nil }
        return ManifestNode(value: child, path: path + [key], file: file, source: source)
    }

    /// The members of an object, after refusing names that are not in `known`.
    func object(known: [String]? = nil) throws(ManifestError) -> [(name: String, node: ManifestNode)] {
        guard let object = value.object else { throw failure("has to be an object: write { ... }.") }
        var members: [(name: String, node: ManifestNode)] = []
        for (key, child) in object {
            let node = ManifestNode(value: child, path: path + [key], file: file, source: source)
            if let known, !known.contains(key) {
                let hint = Spelling.closest(to: key, among: known).map { "did you mean '\($0)'?" }
                throw node.failure(
                    "is not a field of the manifest; \(hint ?? "known here: \(known.joined(separator: ", ")).")"
                )
            }
            members.append((key, node))
        }
        return members
    }

    func list() throws(ManifestError) -> [ManifestNode] {
        guard let array = value.array else { throw failure("has to be a list: write [ ... ].") }
        return array.enumerated().map { index, child in
            ManifestNode(value: child, path: path + ["\(index)"], file: file, source: source)
        }
    }

    func string() throws(ManifestError) -> String {
        guard let string = value.string, !string.isEmpty else {
            throw failure("has to be a non-empty string in double quotes.")
        }
        return string
    }

    func strings() throws(ManifestError) -> [String] {
        var result: [String] = []
        for node in try list() { result.append(try node.string()) }
        return result
    }

    func integer(_ range: ClosedRange<Int>, unit: String) throws(ManifestError) -> Int {
        guard let number = value.int, range.contains(number) else {
            throw failure(
                "has to be a whole number from \(range.lowerBound) to \(range.upperBound) (\(unit)), "
                    + "not \(value.encodedString()).")
        }
        return number
    }

    func bool() throws(ManifestError) -> Bool {
        guard let bool = value.bool else { throw failure("has to be true or false.") }
        return bool
    }

    /// A required member.
    func required(_ key: String) throws(ManifestError) -> ManifestNode {
        guard let node = self[key] else { throw failure("lacks the field '\(key)'; add it.") }
        return node
    }
}
