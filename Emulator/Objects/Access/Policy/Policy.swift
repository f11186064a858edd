/// A bucket policy (IAM User Guide, "IAM JSON policy element reference").
struct Policy: Sendable {
    /// `2012-10-17`: texts may hold variables. The older version has none.
    static let currentVersion = "2012-10-17"
    static let versions: Set<String> = [currentVersion, "2008-10-17"]

    var statements: [Statement]

    struct Statement: Sendable {
        var sid: String?
        var allows: Bool
        var principals: Principals
        var actions: Texts
        var resources: Texts
        var conditions: [PolicyCondition]
    }

    /// A list that is meant, or all but a list (`NotAction`, `NotResource`).
    struct Texts: Sendable {
        var isNegated = false
        var texts: [PolicyText]

        func include(_ text: [UInt8], _ facts: PolicyFacts, ignoringCase: Bool = false) -> Bool {
            texts.contains { $0.matches(text, facts, ignoringCase: ignoringCase) } != isNegated
        }
    }

    /// Who is meant (IAM User Guide, "AWS JSON policy elements: Principal").
    struct Principals: Sendable {
        var isNegated = false
        var list: [Principal]

        /// Whether anybody at all is meant.
        var includeEveryone: Bool { isNegated || list.contains(.everyone) }

        func include(_ caller: PolicyCaller) -> Bool {
            list.contains { $0.includes(caller) } != isNegated
        }
    }

    enum Principal: Sendable, Equatable {
        case everyone
        /// An account as a whole, twelve digits.
        case account(String)
        /// A user or a role.
        case arn(String)
        case canonicalUser(String)
        /// A service or an identity provider: never who sends requests here.
        case other(kind: String, name: String)

        func includes(_ caller: PolicyCaller) -> Bool {
            switch (self, caller) {
            case (.everyone, _): true
            case (.account(let id), .account(let own, _)): id == own
            case (.canonicalUser(let id), .account(_, let own)): id == own
            default: false
            }
        }
    }
}

/// Who asks for something.
enum PolicyCaller: Sendable, Equatable {
    /// The root user of an account, who signed with its key.
    case account(_ id: String, canonicalID: String)
    case anonymous

    /// Nil for somebody who did not say who he is.
    var arn: String? {
        switch self {
        case .account(let id, _): "arn:aws:iam::\(id):root"
        case .anonymous: nil
        }
    }
}

/// What somebody wants to do.
struct PolicyQuestion {
    var caller: PolicyCaller
    /// Such as `s3:GetObject`.
    var action: String
    /// The ARN of a bucket or of an object.
    var resource: [UInt8]
    var facts: PolicyFacts
}

/// What a policy says to it.
enum PolicyAnswer: Sendable, Equatable {
    case allowed
    case denied
    /// No statement applies.
    case silent
}

extension Policy {
    /// A refusal stands above all permissions.
    func answer(_ question: PolicyQuestion) -> PolicyAnswer {
        var answer = PolicyAnswer.silent
        for statement in statements where statement.applies(to: question) {
            guard statement.allows else { return .denied }
            answer = .allowed
        }
        return answer
    }
}

extension Policy.Statement {
    func applies(to question: PolicyQuestion) -> Bool {
        principals.include(question.caller)
            && actions.include(Array(question.action.utf8), question.facts, ignoringCase: true)
            && resources.include(question.resource, question.facts)
            && conditions.allSatisfy { $0.holds(question.facts) }
    }
}
