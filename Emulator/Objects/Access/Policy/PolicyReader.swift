import AWSProtocol
import Bytes
import JSON

/// Reads a bucket policy from JSON and refuses what S3 refuses, with its texts. Whether the policy fits a
/// bucket is ``PolicyCheck``'s matter.
struct PolicyReader {
    /// Bytes (Amazon S3 User Guide, "Policies and permissions in Amazon S3").
    static let maxBytes = 20 * 1024

    private var hasVariables = false

    /// - Throws: MalformedPolicy.
    static func read(_ source: [UInt8]) throws(AWSError) -> Policy {
        guard source.first == UInt8(ascii: "{") else {
            throw .malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
        }
        guard source.count <= maxBytes else {
            throw .malformedPolicy(
                "Normalized policy document exceeds the maximum allowed size of 20480 bytes.")
        }
        guard let json = try? JSONValue.parse(source), let object = json.object else {
            throw .malformedPolicy("This policy contains invalid Json")
        }
        var reader = PolicyReader()
        return try reader.policy(object)
    }

    private mutating func policy(_ object: JSONObject) throws(AWSError) -> Policy {
        for name in object.keys where !["Version", "Id", "Statement"].contains(name) {
            throw .malformedPolicy("Unknown field \(name)")
        }
        if let version = object["Version"] {
            guard let text = version.string, Policy.versions.contains(text) else {
                throw .malformedPolicy("The policy must contain a valid version string")
            }
            hasVariables = text == Policy.currentVersion
        }
        if let id = object["Id"], id.string == nil { throw .malformedPolicy("Id must be a string") }
        let statements: [JSONValue]
        switch object["Statement"] {
        case nil: throw .malformedPolicy("Missing required field Statement")
        case .array(let list)?: statements = list
        case .object(let one)?: statements = [.object(one)]
        default: throw .malformedPolicy("Could not parse the policy: Statement is not of the right type")
        }
        guard !statements.isEmpty else {
            throw .malformedPolicy("Could not parse the policy: Statement is empty!")
        }
        var read: [Policy.Statement] = []
        for value in statements {
            guard let object = value.object else {
                throw .malformedPolicy("This policy contains invalid Json")
            }
            let statement = try self.statement(object)
            if let sid = statement.sid, read.contains(where: { $0.sid == sid }) {
                throw .malformedPolicy("Statement IDs (SID) in a single policy must be unique.")
            }
            read.append(statement)
        }
        return Policy(statements: read)
    }

    // MARK: - Statements

    private static let fields: Set<String> = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
        "Condition",
    ]

    private func statement(_ object: JSONObject) throws(AWSError) -> Policy.Statement {
        for name in object.keys where !Self.fields.contains(name) {
            throw .malformedPolicy("Unknown field \(name)")
        }
        guard let effect = object["Effect"] else { throw .malformedPolicy("Missing required field Effect") }
        guard let name = effect.string, ["Allow", "Deny"].contains(name) else {
            throw .malformedPolicy("Invalid effect: \(effect.string ?? effect.typeName)")
        }
        let principals = try one(of: "Principal", object) { value throws(AWSError) in
            try Self.principals(value)
        }
        let actions = try one(of: "Action", object) { value throws(AWSError) in
            try texts(value, or: "Policy has invalid action")
        }
        let resources = try one(of: "Resource", object) { value throws(AWSError) in
            try texts(value, or: "Policy has invalid resource")
        }
        return Policy.Statement(
            sid: object["Sid"]?.string, allows: name == "Allow",
            principals: Policy.Principals(isNegated: principals.isNegated, list: principals.value),
            actions: Policy.Texts(isNegated: actions.isNegated, texts: actions.value),
            resources: Policy.Texts(isNegated: resources.isNegated, texts: resources.value),
            conditions: try object["Condition"].map { value throws(AWSError) in try conditions(value) } ?? [])
    }

    /// An element or its negation, of which a statement has exactly one.
    private func one<Value>(
        of name: String, _ object: JSONObject, _ read: (JSONValue) throws(AWSError) -> Value
    ) throws(AWSError) -> (isNegated: Bool, value: Value) {
        switch (object[name], object["Not\(name)"]) {
        case (let value?, nil): return (false, try read(value))
        case (nil, let value?): return (true, try read(value))
        case (nil, nil): throw .malformedPolicy("Missing required field \(name)")
        case (_?, _?): throw .malformedPolicy("Statement must not contain both \(name) and Not\(name)")
        }
    }

    private func texts(_ value: JSONValue, or message: String) throws(AWSError) -> [PolicyText] {
        guard let strings = Self.strings(value), !strings.isEmpty else { throw .malformedPolicy(message) }
        return strings.map { PolicyText($0, hasVariables: hasVariables) }
    }

    /// One text or a list of them.
    private static func strings(_ value: JSONValue) -> [String]? {
        if let text = value.string { return [text] }
        guard let list = value.array else { return nil }
        let strings = list.compactMap(\.string)
        return strings.count == list.count ? strings : nil
    }

    // MARK: - Principals

    private static func principals(_ value: JSONValue) throws(AWSError) -> [Policy.Principal] {
        if let text = value.string {
            guard text == "*" else { throw .invalidPrincipal(nil) }
            return [.everyone]
        }
        guard let object = value.object, !object.isEmpty else { throw .invalidPrincipal(nil) }
        var list: [Policy.Principal] = []
        for (kind, value) in object {
            guard let names = strings(value), !names.isEmpty else { throw .invalidPrincipal(nil) }
            for name in names {
                guard let principal = principal(kind, name) else {
                    throw .invalidPrincipal("\"\(kind)\" : \"\(name)\"")
                }
                list.append(principal)
            }
        }
        return list
    }

    private static func principal(_ kind: String, _ name: String) -> Policy.Principal? {
        switch kind {
        case "AWS":
            if name == "*" { return .everyone }
            if isAccount(name) { return .account(name) }
            let parts = name.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"),
                ["iam", "sts"].contains(parts[2]), parts[3].isEmpty, isAccount(String(parts[4])),
                !parts[5].contains("*")
            else { return nil }
            if parts[5] == "root" { return .account(String(parts[4])) }
            let kinds = ["user/", "role/", "assumed-role/", "federated-user/"]
            return kinds.contains { parts[5].hasPrefix($0) && parts[5] != $0 } ? .arn(name) : nil
        case "CanonicalUser":
            let isHex = name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
            }
            return name.utf8.count == 64 && isHex ? .canonicalUser(name.lowercased()) : nil
        case "Service":
            return name.contains(".") && !name.contains("*") ? .other(kind: kind, name: name) : nil
        case "Federated": return name.isEmpty ? nil : .other(kind: kind, name: name)
        default: return nil
        }
    }

    private static func isAccount(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    // MARK: - Conditions

    private func conditions(_ value: JSONValue) throws(AWSError) -> [PolicyCondition] {
        guard let operators = value.object else {
            throw .malformedPolicy("This policy contains invalid Json")
        }
        var conditions: [PolicyCondition] = []
        for (name, keys) in operators {
            guard let keys = keys.object else { throw .malformedPolicy("This policy contains invalid Json") }
            for (key, value) in keys {
                let values = try scalars(value).map { PolicyText($0, hasVariables: hasVariables) }
                guard let condition = PolicyCondition(operator: name, key: key, values: values) else {
                    throw .malformedPolicy("Invalid Condition type : \(name)")
                }
                if condition.malformedValue != nil {
                    throw condition.comparison == .address
                        ? .malformedPolicy("Invalid IP address in Conditions")
                        : .malformedPolicy("Policy has an invalid condition value")
                }
                conditions.append(condition)
            }
            if keys.isEmpty, PolicyCondition(operator: name, key: "", values: []) == nil {
                throw .malformedPolicy("Invalid Condition type : \(name)")
            }
        }
        return conditions
    }

    /// Texts, numbers and truth values; all are compared as text.
    private func scalars(_ value: JSONValue) throws(AWSError) -> [String] {
        if let list = value.array {
            var texts: [String] = []
            for element in list { texts += try scalars(element) }
            return texts
        }
        switch value {
        case .string(let text): return [text]
        case .bool(let flag): return [flag ? "true" : "false"]
        case .number: return [String(utf8: value.encoded())]
        default: throw .malformedPolicy("This policy contains invalid Json")
        }
    }
}

extension AWSError {
    static func malformedPolicy(_ message: String, detail: String? = nil) -> AWSError {
        AWSError(
            code: "MalformedPolicy", message: message, elements: detail.map { [("Detail", $0)] } ?? [])
    }

    /// - Parameter detail: the principal as written.
    static func invalidPrincipal(_ detail: String?) -> AWSError {
        malformedPolicy("Invalid principal in policy", detail: detail)
    }
}
