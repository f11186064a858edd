import JSON

/// The IAM policy that a Lambda authorizer answers with ("Output from an API Gateway Lambda authorizer"). It is kept
/// as a whole: a cached one is held against each resource anew.
public struct PolicyAnswer: Sendable {
    public enum Verdict: Sendable, Equatable {
        case allowed
        case explicitDeny
        /// No statement speaks of the resource.
        case implicitDeny
    }

    private struct Statement: Sendable {
        let isDeny: Bool
        let actions: [ARNPattern]
        let resources: [ARNPattern]
        /// Holds for anything but the resources.
        let isInverted: Bool
        let isConditional: Bool

        func speaks(of resource: String) -> Bool {
            actions.contains { $0.matches("execute-api:invoke") }
                && resources.contains { $0.matches(resource) } != isInverted
        }
    }

    public let principalID: String
    private let statements: [Statement]

    /// nil when the answer has not the shape that API Gateway wants.
    public init?(_ answer: JSONObject) {
        guard let principal = answer["principalId"]?.string,
            let policy = answer["policyDocument"]?.object, let listed = policy["Statement"]
        else { return nil }
        principalID = principal
        var statements: [Statement] = []
        for value in listed.array ?? [listed] {
            guard let statement = Self.statement(value) else { return nil }
            statements.append(statement)
        }
        self.statements = statements
    }

    private static func statement(_ value: JSONValue) -> Statement? {
        guard let object = value.object, let effect = object["Effect"]?.string,
            effect == "Allow" || effect == "Deny",
            let actions = texts(object["Action"]),
            let resources = texts(object["Resource"] ?? object["NotResource"])
        else { return nil }
        return Statement(
            isDeny: effect == "Deny", actions: actions.map { ARNPattern($0.lowercased()) },
            resources: resources.map { ARNPattern($0) }, isInverted: object["Resource"] == nil,
            isConditional: object["Condition"]?.object?.isEmpty == false)
    }

    private static func texts(_ value: JSONValue?) -> [String]? {
        if let text = value?.string { return [text] }
        guard let list = value?.array else { return nil }
        let texts = list.compactMap(\.string)
        return texts.count == list.count ? texts : nil
    }

    /// What the policy says of `execute-api:Invoke` on a resource. An explicit deny wins. Conditions are not
    /// evaluated: a statement that has one allows nothing and denies everything it speaks of.
    ///
    /// - Parameter resource: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`.
    public func verdict(on resource: String) -> Verdict {
        let speaking = statements.filter { $0.speaks(of: resource) }
        if speaking.contains(where: \.isDeny) { return .explicitDeny }
        return speaking.contains { !$0.isConditional } ? .allowed : .implicitDeny
    }
}
