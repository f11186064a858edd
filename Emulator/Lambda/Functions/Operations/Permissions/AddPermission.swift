import AWSProtocol
import HTTPTypes
import JSON
import Net

/// POST /2015-03-31/functions/{FunctionName}/policy
enum AddPermission {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let input = try Input(document, &checks)
        let target = try FunctionTarget(
            request.path("FunctionName"), qualifier: request.query("Qualifier"), shape: .namespaced,
            checks: checks, request.context)
        guard target.qualifier != VersionRecord.latest else {
            throw LambdaError.invalidParameter("We currently do not support adding policies for $LATEST.")
        }
        let statement = try input.statement(resource: service.arn(target.name, target.qualifier))
        try await service.change(target.name) { (record) throws(AWSError) in
            try service.checkPermissionTarget(target, record)
            try service.check(revision: input.revision, record, target.qualifier)
            var policy = record.policies[target.qualifier ?? VersionRecord.latest] ?? PolicyRecord()
            try Permissions.add(statement, to: &policy)
            record.policies[target.qualifier ?? VersionRecord.latest] = policy
            service.touch(&record, target.qualifier)
        }
        return request.answer(["Statement": .string(statement.encodedString())], status: 201)
    }

    private struct Input {
        let id: String
        let action: String
        let principal: String
        let revision: String?
        private let authType: String?
        private let sourceARN: String?
        private let sourceAccount: String?
        private let token: String?
        private let organization: String?
        private let isByURL: Bool?

        init(_ document: DocumentReader, _ checks: inout ShapeChecks) throws(AWSError) {
            id = try document.string("StatementId") ?? ""
            action = try document.string("Action") ?? ""
            principal = try document.string("Principal") ?? ""
            revision = try document.string("RevisionId")
            authType = try document.string("FunctionUrlAuthType")
            sourceARN = try document.string("SourceArn")
            sourceAccount = try document.string("SourceAccount")
            token = try document.string("EventSourceToken")
            organization = try document.string("PrincipalOrgID")
            isByURL = try document.boolean("InvokedViaFunctionUrl")
            if document.has("StatementId") {
                checks.length(id, at: "statementId", in: 1...100)
                checks.pattern(
                    id, at: "statementId", Permissions.statementPattern, fits: Patterns.isWord(id))
            } else {
                checks.missing("statementId")
            }
            checkAction(document.has("Action"), &checks)
            if document.has("Principal") {
                checks.pattern(principal, at: "principal", #"[^\s]+"#, fits: Patterns.hasNoSpace(principal))
            } else {
                checks.missing("principal")
            }
            checkSource(&checks)
        }

        private func checkAction(_ isThere: Bool, _ checks: inout ShapeChecks) {
            guard isThere else { return checks.missing("action") }
            let name = action.hasPrefix("lambda:") ? String(action.dropFirst(7)) : ""
            checks.pattern(
                action, at: "action", "(lambda:[*]|lambda:[a-zA-Z]+|[*])",
                fits: action == "*" || name == "*" || Patterns.isWord(name, also: ""))
        }

        private func checkSource(_ checks: inout ShapeChecks) {
            if let sourceARN {
                checks.pattern(
                    sourceARN, at: "sourceArn",
                    #"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:"#
                        + #"(\d{12})?:(.*)"#, fits: Patterns.isSourceARN(sourceARN))
            }
            if let sourceAccount {
                checks.pattern(
                    sourceAccount, at: "sourceAccount", #"\d{12}"#, fits: Patterns.isAccount(sourceAccount))
            }
            if let authType { checks.choice(authType, at: "functionUrlAuthType", of: ["NONE", "AWS_IAM"]) }
            if let token {
                checks.length(token, at: "eventSourceToken", in: 0...256)
                checks.pattern(
                    token, at: "eventSourceToken", #"[a-zA-Z0-9._\-]+"#,
                    fits: Patterns.isWord(token, also: "._-"))
            }
        }

        /// In AWS's words and order.
        func statement(resource: String) throws(AWSError) -> JSONValue {
            if authType != nil, action != "lambda:InvokeFunctionUrl" {
                throw LambdaError.invalidParameter(
                    "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
            }
            var statement: JSONObject = [
                "Sid": .string(id), "Effect": "Allow", "Principal": try Self.principal(principal),
                "Action": .string(action), "Resource": .string(resource),
            ]
            var equals = JSONObject()
            if let authType { equals["lambda:FunctionUrlAuthType"] = .string(authType) }
            if let organization { equals["aws:PrincipalOrgID"] = .string(organization) }
            if let sourceAccount { equals["AWS:SourceAccount"] = .string(sourceAccount) }
            if let token { equals["lambda:EventSourceToken"] = .string(token) }
            var condition = JSONObject()
            if !equals.isEmpty { condition["StringEquals"] = .object(equals) }
            if let isByURL { condition["Bool"] = ["lambda:InvokedViaFunctionUrl": .string("\(isByURL)")] }
            if let sourceARN { condition["ArnLike"] = ["AWS:SourceArn": .string(sourceARN)] }
            if !condition.isEmpty { statement["Condition"] = .object(condition) }
            return .object(statement)
        }

        static func principal(_ text: String) throws(AWSError) -> JSONValue {
            if text == "*" { return "*" }
            // Alexa's services, such as `alexa-appkit.amazon.com`, have names outside of AWS.
            let services = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"]
            if services.contains(where: { text.hasSuffix($0) }) {
                return ["Service": .string(text)]
            }
            if Patterns.isAccount(text) { return ["AWS": .string("arn:aws:iam::\(text):root")] }
            if text.hasPrefix("arn:aws"), text.contains(":iam:") || text.contains(":sts:") {
                return ["AWS": .string(text)]
            }
            throw LambdaError.invalidParameter(
                "The provided principal was invalid. Please check the principal and try again.")
        }
    }
}
