import Objects

extension ManifestReader {
    /// Which functions are told of what happens in a bucket.
    func notifications(
        _ bucket: ManifestNode, _ functions: [String]
    ) throws(ManifestError) -> [ObjectsService.NotificationInput] {
        guard let list = bucket["notifications"] else { return [] }
        var inputs: [ObjectsService.NotificationInput] = []
        for node in try list.list() {
            _ = try node.object(known: ["function", "events", "prefix", "suffix"])
            let function = try node.required("function")
            try Self.check(function, among: functions)
            let events = try node.required("events")
            for event in try events.list() { try Self.check(event: event) }
            let input = ObjectsService.NotificationInput(
                function: try function.string(), events: try events.strings(),
                prefix: try node["prefix"]?.string(), suffix: try node["suffix"]?.string())
            guard !input.events.isEmpty else {
                throw events.failure("lists no event; write for example [\"s3:ObjectCreated:*\"].")
            }
            do {
                // The region has no say in whether rules overlap.
                try ObjectsService.check(
                    inputs + [input], configuration: .init(region: "us-east-1", accountID: "000000000000"))
            } catch {
                throw node.failure("cannot be used: \(error.message ?? error.code)")
            }
            inputs.append(input)
        }
        return inputs
    }

    /// A function that something names has to be declared.
    static func check(
        _ node: ManifestNode, among names: [String], _ list: String = "functions"
    ) throws(ManifestError) {
        let function = try node.string()
        if names.contains(function) { return }
        let hint = Spelling.closest(to: function, among: names).map { "did you mean '\($0)'?" }
        throw node.failure(
            "names '\(function)', which is not under '\(list)'; "
                + (hint ?? "known: \(names.joined(separator: ", "))."))
    }

    private static func check(event node: ManifestNode) throws(ManifestError) {
        let event = try node.string()
        let names = ObjectsService.eventNames
        if names.contains(event) { return }
        let hint = Spelling.closest(to: event, among: names).map { "did you mean '\($0)'?" }
        throw node.failure(
            "is no event of S3; \(hint ?? "write for example \"s3:ObjectCreated:*\" or \"s3:ObjectRemoved:*\".")"
        )
    }
}
