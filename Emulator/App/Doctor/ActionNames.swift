import HTTPTypes
import JSON

/// An action of IAM that a function used, and what it was used on.
struct UsedAction: Hashable, Sendable {
    let function: String
    /// `dynamodb:GetItem`
    let action: String
    /// `table`, `bucket`, `function`, or `resource`.
    let kind: String
    let name: String
    /// Of an object; nil where there is none.
    var key: String?
}

/// Which actions of IAM a request to the AWS port needs on AWS ("Actions, resources, and condition keys" of the
/// Service Authorization Reference). Pure.
enum ActionNames {
    typealias Need = (action: String, kind: String, name: String, key: String?)

    /// - Parameters:
    ///   - body: of a request to a JSON service.
    ///   - status: of the answer.
    static func needs(_ request: HTTPRequest, body: JSONValue?, status: Int) -> [Need] {
        if let target = request.headers["X-Amz-Target"] {
            let parts = target.split(separator: ".")
            guard parts.count == 2, parts[0].hasPrefix("DynamoDB") else { return [] }
            return tableNeeds(String(parts[1]), body)
        }
        if request.path.hasPrefix("/2015-03-31/functions/") {
            let parts = request.path.split(separator: "/")
            guard parts.count >= 4, parts[3] == "invocations" else { return [] }
            return [("lambda:InvokeFunction", "function", String(parts[2]), nil)]
        }
        return objectNeeds(request, status)
    }

    // MARK: - DynamoDB

    private static func tableNeeds(_ operation: String, _ body: JSONValue?) -> [Need] {
        func all(_ action: String, _ tables: [String]) -> [Need] {
            tables.map { ("dynamodb:\(action)", "table", $0, nil) }
        }
        switch operation {
        case "BatchGetItem", "BatchWriteItem":
            return all(operation, body?["RequestItems"]?.object?.keys ?? [])
        case "TransactGetItems":
            return all(
                "GetItem",
                (body?["TransactItems"]?.array ?? []).compactMap { $0["Get"]?["TableName"]?.string })
        case "TransactWriteItems":
            let actions = [
                ("Put", "PutItem"), ("Update", "UpdateItem"), ("Delete", "DeleteItem"),
                ("ConditionCheck", "ConditionCheckItem"),
            ]
            return (body?["TransactItems"]?.array ?? []).flatMap { item in
                actions.flatMap { member, action in
                    all(action, (item[member]?["TableName"]?.string).map { [$0] } ?? [])
                }
            }
        case "ExecuteStatement": return statementNeeds([body?["Statement"]])
        case "BatchExecuteStatement":
            return statementNeeds((body?["Statements"]?.array ?? []).map { $0["Statement"] })
        case "ExecuteTransaction":
            return statementNeeds((body?["TransactStatements"]?.array ?? []).map { $0["Statement"] })
        case "ListTables": return [("dynamodb:ListTables", "resource", "*", nil)]
        default:
            guard let name = body?["TableName"]?.string else { return [] }
            return all(operation, [name])
        }
    }

    /// `SELECT * FROM "table"."index"`: the first word says the action, the word behind FROM, INTO or UPDATE the table.
    private static func statementNeeds(_ statements: [JSONValue?]) -> [Need] {
        let actions = [
            "SELECT": "PartiQLSelect", "INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate",
            "DELETE": "PartiQLDelete",
        ]
        return statements.compactMap { statement in
            let words = (statement?.string ?? "").split { $0.isWhitespace }.map(String.init)
            guard let action = actions[words.first?.uppercased() ?? ""] else { return nil }
            let before = words.firstIndex { ["FROM", "INTO", "UPDATE"].contains($0.uppercased()) }
            guard let before, words.indices.contains(before + 1) else { return nil }
            let name = words[before + 1].split(separator: ".").first.map(String.init) ?? ""
            return ("dynamodb:\(action)", "table", name.filter { $0 != "\"" }, nil)
        }
    }

    // MARK: - S3

    private static func objectNeeds(_ request: HTTPRequest, _ status: Int) -> [Need] {
        let parts = request.path.split(separator: "/", maxSplits: 1).map(String.init)
        guard let bucket = parts.first else { return [("s3:ListAllMyBuckets", "resource", "*", nil)] }
        let key = parts.count > 1 ? parts[1] : nil
        let query = Set(request.rawQuery.split(separator: "&").map { String($0.prefix { $0 != "=" }) })
        guard let key else {
            guard let action = bucketAction(request.method, query) else { return [] }
            return [(action, "bucket", bucket, nil)]
        }
        var needs: [Need] = []
        switch request.method {
        case "GET" where query.contains("uploadId"):
            needs = [("s3:ListMultipartUploadParts", "bucket", bucket, key)]
        case "GET" where query.contains("tagging"): needs = [("s3:GetObjectTagging", "bucket", bucket, key)]
        case "PUT" where query.contains("tagging"): needs = [("s3:PutObjectTagging", "bucket", bucket, key)]
        case "GET", "HEAD":
            needs = [("s3:GetObject", "bucket", bucket, key)]
            // Without it S3 says 403 where there is nothing, and a function waits for 404 in vain.
            if status == 404 { needs.append(("s3:ListBucket", "bucket", bucket, nil)) }
        case "DELETE" where query.contains("uploadId"):
            needs = [("s3:AbortMultipartUpload", "bucket", bucket, key)]
        case "DELETE" where query.contains("tagging"):
            needs = [("s3:DeleteObjectTagging", "bucket", bucket, key)]
        case "DELETE": needs = [("s3:DeleteObject", "bucket", bucket, key)]
        case "PUT", "POST":
            needs = [("s3:PutObject", "bucket", bucket, key)]
            if request.headers["x-amz-tagging"] != nil {
                needs.append(("s3:PutObjectTagging", "bucket", bucket, key))
            }
            if let source = request.headers["x-amz-copy-source"] {
                let from = source.split(separator: "/", maxSplits: 1).map(String.init)
                if from.count == 2 { needs.append(("s3:GetObject", "bucket", from[0], from[1])) }
            }
        default: break
        }
        return needs
    }

    private static func bucketAction(_ method: String, _ query: Set<String>) -> String? {
        switch method {
        case "HEAD": return "s3:ListBucket"
        case "GET":
            if query.contains("versions") { return "s3:ListBucketVersions" }
            if query.contains("uploads") { return "s3:ListBucketMultipartUploads" }
            if query.contains("location") { return "s3:GetBucketLocation" }
            return "s3:ListBucket"
        case "POST" where query.contains("delete"): return "s3:DeleteObject"
        case "PUT" where query.isEmpty: return "s3:CreateBucket"
        case "DELETE" where query.isEmpty: return "s3:DeleteBucket"
        default: return nil
        }
    }
}
