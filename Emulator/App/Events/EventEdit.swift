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
        "userAttributes", "clientMetadata", "validationData", "claims",
    ]

    /// Members that are text in what certain objects hold: the number of a DynamoDB item, too.
    private static let textMembers: [String: Set<String>] = [
        "Keys": ["S", "N", "B"], "NewImage": ["S", "N", "B"], "OldImage": ["S", "N", "B"],
        "messageAttributes": ["stringValue", "binaryValue", "dataType"],
        "MessageAttributes": ["Type", "Value"],
    ]

    /// The types of a DynamoDB value, which has one of them.
    private static let itemTypes: Set<String> = ["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"]
    private static let items: Set<String> = ["Keys", "NewImage", "OldImage"]

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
        guard let changed = change(event, path.steps[...], of: "", within: nil) else {
            throw unknown(in: event)
        }
        return changed
    }

    /// nil when there is no such place.
    /// - Parameters:
    ///   - name: of the value.
    ///   - container: the first object on the way whose members' names are no part of the format.
    private func change(
        _ value: JSONValue, _ steps: ArraySlice<JSONPath.Step>, of name: String, within container: String?
    ) -> JSONValue? {
        guard let step = steps.first else { return given(insteadOf: value) }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.name(let member), .object(var members)):
            let inner = container ?? (Self.open.contains(member) ? member : nil)
            let isValue = isValue(member, of: name, within: container)
            // A map that the sample leaves out is made for its first member.
            var absent: JSONValue?
            if inner != nil {
                absent =
                    !rest.isEmpty
                    ? .object([:])
                    : Self.texts.contains(name) || isValue && isText(member, within: container)
                        ? .string("") : .null
            }
            var present = members[member]
            if present == nil || present == .some(.null) && !rest.isEmpty { present = absent }
            guard let present, let changed = change(present, rest, of: member, within: inner) else {
                return nil
            }
            if isValue, let container, Self.items.contains(container) {
                // Of another type from now on.
                for other in Self.itemTypes where other != member { members[other] = nil }
            }
            members[member] = changed
            return .object(members)
        case (.index(let index), .array(var elements)):
            guard let last = elements.last, index <= elements.count else { return nil }
            let present = index < elements.count ? elements[index] : Identifiers.renewed(last)
            guard let changed = change(present, rest, of: name, within: container) else { return nil }
            if index < elements.count { elements[index] = changed } else { elements.append(changed) }
            return .array(elements)
        default: return nil
        }
    }

    /// Whether a member of this name is what an attribute is, and not an attribute that happens to be called so.
    private func isValue(_ member: String, of name: String, within container: String?) -> Bool {
        guard let container, name != container else { return false }
        return Self.items.contains(container)
            ? Self.itemTypes.contains(member) && name != "M"
            : isText(member, within: container)
    }

    private func isText(_ member: String, within container: String?) -> Bool {
        container.map { Self.textMembers[$0]?.contains(member) == true } ?? false
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
