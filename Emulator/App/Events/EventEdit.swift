import JSON

/// `--set path=value`: changes one place of a composed event.
///
/// What is already there can be changed. Members can be added where names are the sender's own (headers, query,
/// attributes, an event's detail), and an array grows by a copy of its last element; anything else would be a
/// misspelt path that a handler never sees.
struct EventEdit: Sendable {
    let path: JSONPath
    let text: String

    /// Objects whose members' names are no part of the format.
    private static let open: Set<String> = [
        "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters",
        "pathParameters", "stageVariables", "detail", "attributes", "messageAttributes", "MessageAttributes",
        "userAttributes", "clientMetadata", "validationData", "Keys", "NewImage", "OldImage", "claims",
        "authorizer", "lambda", "response",
    ]

    /// Objects whose members are text, whatever they look like.
    private static let texts: Set<String> = [
        "headers", "queryStringParameters", "pathParameters", "stageVariables", "attributes",
        "userAttributes", "clientMetadata", "validationData",
    ]

    init(_ argument: String) throws(CommandFailure) {
        guard let equals = argument.firstIndex(of: "="),
            let path = JSONPath(String(argument[..<equals]))
        else {
            throw CommandFailure(
                .usage,
                "--set wants path=value, as in --set 'Records[0].s3.object.key=a.png', not '\(argument)'.")
        }
        self.path = path
        text = String(argument[argument.index(after: equals)...])
    }

    func apply(to event: JSONValue) throws(CommandFailure) -> JSONValue {
        guard let changed = change(event, path.steps[...], of: "", isOpen: false) else {
            throw unknown(in: event)
        }
        return changed
    }

    /// nil when there is no such place.
    /// - Parameter name: of the value.
    private func change(
        _ value: JSONValue, _ steps: ArraySlice<JSONPath.Step>, of name: String, isOpen: Bool
    ) -> JSONValue? {
        guard let step = steps.first else { return given(insteadOf: value) }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.name(let member), .object(var members)):
            let isOpen = isOpen || Self.open.contains(member)
            // A map that the sample leaves out is made for its first member.
            let absent: JSONValue? =
                !isOpen ? nil : !rest.isEmpty ? .object([:]) : Self.texts.contains(name) ? .string("") : .null
            var present = members[member]
            if present == nil || present == .some(.null) && !rest.isEmpty { present = absent }
            guard let present, let changed = change(present, rest, of: member, isOpen: isOpen) else {
                return nil
            }
            members[member] = changed
            return .object(members)
        case (.index(let index), .array(var elements)):
            guard let last = elements.last, index <= elements.count else { return nil }
            let present = index < elements.count ? elements[index] : last
            guard let changed = change(present, rest, of: name, isOpen: isOpen) else { return nil }
            if index < elements.count { elements[index] = changed } else { elements.append(changed) }
            return .array(elements)
        default: return nil
        }
    }

    /// Where the format has a string, JSON stays text: a body of JSON is a string, and so is a version `2`.
    private func given(insteadOf value: JSONValue) -> JSONValue {
        guard case .string = value else { return typed() }
        let typed = typed()
        if case .string = typed { return typed }
        return typed.isNull ? typed : .string(text)
    }

    /// JSON when it is JSON, else text.
    private func typed() -> JSONValue { (try? JSONValue.parse(text)) ?? .string(text) }

    private func unknown(in event: JSONValue) -> CommandFailure {
        let wanted = "\(path)"
        let last = path.steps.last.map { JSONPath([$0]).description } ?? ""
        let near = JSONPath.all(in: event).map { candidate -> (text: String, distance: Int) in
            let text = "\(candidate)"
            let name = candidate.steps.last.map { JSONPath([$0]).description } ?? ""
            // The same name somewhere else is as near as a slip of the pen.
            return (text, min(Spelling.distance(wanted, text), name == last ? 3 : .max))
        }
        let best = near.sorted { $0.distance < $1.distance }.prefix(3).map(\.text)
        return CommandFailure(
            .invalidData,
            "This event has nothing at '\(wanted)'. Near it are: \(best.joined(separator: ", ")).")
    }
}
