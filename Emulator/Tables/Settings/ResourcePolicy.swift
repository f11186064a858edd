import AWSProtocol
import Clock
import Expressions
import JSON
import Store

/// The policy of a table or of one of its streams. It is kept and given back; local requests are not judged by
/// it.
struct ResourcePolicy: Sendable {
    static let maximumBytes = 20_480
    static let prefix = Array("dynamodb/policy/".utf8)

    let text: String
    /// `RevisionId`: milliseconds since the epoch, so a later revision is greater.
    let revision: String

    private static func key(_ table: Table, stream: String?) -> [UInt8] {
        prefix + KeyEncoding.prefix(table.id) + Array((stream ?? "").utf8)
    }

    static func read(_ table: Table, stream: String?, _ source: some Reading) throws -> ResourcePolicy? {
        guard let stored = try source.get(.settings, key(table, stream: stream)) else { return nil }
        let json = try JSONValue.parse(stored)
        guard let text = json["policy"]?.string, let revision = json["revision"]?.string else { return nil }
        return ResourcePolicy(text: text, revision: revision)
    }

    /// The policy after this one; the same when the text is the same.
    static func next(_ old: ResourcePolicy?, _ text: String, at now: Timestamp) -> ResourcePolicy {
        if let old, UTF8Order.equal(old.text, text) { return old }
        let least = old.flatMap { Int64($0.revision) }.map { $0 + 1 } ?? 0
        return ResourcePolicy(text: text, revision: String(max(now.milliseconds, least)))
    }

    func write(_ table: Table, stream: String?, in transaction: Transaction) {
        let json: JSONValue = ["policy": .string(text), "revision": .string(revision)]
        transaction.put(.settings, Self.key(table, stream: stream), json.encoded())
    }

    static func delete(_ table: Table, stream: String?, in transaction: Transaction) {
        transaction.delete(.settings, key(table, stream: stream))
    }

    /// Those of a table that is being dropped, and of its streams.
    static func deleteAll(_ table: Table, in transaction: Transaction) throws {
        let from = key(table, stream: nil)
        try transaction.deleteRange(.settings, from: from, to: KeyEncoding.successor(ofPrefix: from))
    }

    // MARK: the document

    /// What AWS checks of a document before it looks at principals and actions.
    static func check(_ text: String) throws {
        guard text.utf8.count <= maximumBytes else {
            throw TableErrors.invalidParameter("Maximum policy size of \(maximumBytes) bytes exceeded")
        }
        guard let document = try? JSONValue.parse(Array(text.utf8)) else {
            throw invalid("This policy contains invalid Json")
        }
        if document.isNull { throw invalid("This text appears not to be a policy") }
        guard let object = document.object else { throw invalid("This policy contains invalid Json") }
        guard let statement = object["Statement"] else {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            throw invalid("Syntax error at position (\(lines.count),\((lines.last ?? "").count + 1))")
        }
        let statements = statement.array ?? [statement]
        guard !statements.isEmpty else { throw invalid("Could not parse the policy: Statement is empty!") }
        var names: Set<String> = []
        for statement in statements {
            for (field, other) in [
                ("Effect", nil), ("Principal", "NotPrincipal"), ("Action", "NotAction"),
                ("Resource", "NotResource"),
            ] where statement[field] == nil && other.flatMap({ statement[$0] }) == nil {
                throw invalid("Missing required field \(field)")
            }
            guard let name = statement["Sid"]?.string else { continue }
            guard names.insert(name).inserted else {
                throw invalid("The Statement Ids in the policy are not unique")
            }
        }
    }

    private static func invalid(_ text: String) -> AWSError {
        TableErrors.invalidParameter("Invalid policy document: \(text)")
    }
}

/// What a request about a policy names, and which revision it expects.
struct PolicyTarget: Sendable {
    /// Stands for no policy at all in `ExpectedRevisionId`.
    static let none = "NO_POLICY"

    let arn: ResourceARN
    let table: Table
    let expected: String?

    init(_ resource: String?, expected: String?, _ environment: TableEnvironment) throws {
        let arn = try ResourceARN(resource ?? "", for: .policies, at: environment.location)
        guard let table = environment.catalog.find(arn.table) else {
            throw TableErrors.tableNotFound(arn.table)
        }
        if let stream = arn.stream, table.definition.stream?.label != stream {
            throw TableErrors.resourceNotFound("Stream: \(stream) not found for Table: \(arn.table)")
        }
        self.arn = arn
        self.table = table
        self.expected = expected
    }

    func read(_ source: some Reading) throws -> ResourcePolicy? {
        try ResourcePolicy.read(table, stream: arn.stream, source)
    }

    /// - Throws: when another revision than the expected one is there.
    func check(_ current: ResourcePolicy?) throws {
        guard let expected, expected != current?.revision else { return }
        guard let current else {
            if expected == Self.none { return }
            throw Self.notFound(
                "Requested update for policy with revision id \(expected), but no policy is associated to "
                    + "target table \(table.name).")
        }
        throw Self.notFound(
            expected == Self.none
                ? "Requested policy update expecting none to be present for table \(table.name), but a policy "
                    + "exists with revision id \(current.revision)."
                : "Requested update for policy with revision id \(expected), but the policy associated to "
                    + "target table \(table.name) has revision id \(current.revision).")
    }

    static func notFound(_ text: String) -> AWSError {
        AWSError(
            code: "PolicyNotFoundException",
            message: "Resource-based policy not found for the provided ResourceArn: \(text)")
    }
}
