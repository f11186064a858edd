import HTTPTypes
import JSON
import Testing

@testable import App

@Suite struct ActionNamesTests {
    private func needs(
        _ method: String, _ target: String, _ headers: HTTPHeaders = [:], _ body: String? = nil,
        status: Int = 200
    ) throws -> [String] {
        let request = HTTPRequest(method: method, target: target, headers: headers)
        let document = try body.map { try JSONValue.parse(Array($0.utf8)) }
        return ActionNames.needs(request, body: document, status: status).map {
            "\($0.action) \($0.kind) \($0.name)\($0.key.map { "/\($0)" } ?? "")"
        }
    }

    private func table(_ operation: String, _ body: String) throws -> [String] {
        try needs("POST", "/", ["X-Amz-Target": "DynamoDB_20120810.\(operation)"], body)
    }

    @Test func anOperationOnATableIsItsOwnAction() throws {
        #expect(try table("GetItem", "{\"TableName\": \"t\"}") == ["dynamodb:GetItem table t"])
    }

    @Test func aTransactionNeedsTheActionsOfItsParts() throws {
        let body = """
            {"TransactItems": [{"Put": {"TableName": "a"}}, {"Update": {"TableName": "b"}},
              {"ConditionCheck": {"TableName": "a"}}]}
            """
        #expect(
            try table("TransactWriteItems", body) == [
                "dynamodb:PutItem table a", "dynamodb:UpdateItem table b",
                "dynamodb:ConditionCheckItem table a",
            ])
    }

    @Test func aBatchNamesItsTablesByKey() throws {
        #expect(
            try table("BatchWriteItem", "{\"RequestItems\": {\"a\": [], \"b\": []}}") == [
                "dynamodb:BatchWriteItem table a", "dynamodb:BatchWriteItem table b",
            ])
    }

    @Test(arguments: [
        ("SELECT * FROM \\\"t\\\".\\\"i\\\" WHERE a = 1", "dynamodb:PartiQLSelect table t"),
        ("insert into t value {}", "dynamodb:PartiQLInsert table t"),
        ("UPDATE t SET a = 1", "dynamodb:PartiQLUpdate table t"),
    ])
    func aStatementIsJudgedByItsFirstWord(statement: String, action: String) throws {
        #expect(try table("ExecuteStatement", "{\"Statement\": \"\(statement)\"}") == [action])
    }

    @Test(
        arguments: [
            ("GET", "/b/k/1", 200, ["s3:GetObject bucket b/k/1"]),
            ("GET", "/b/k", 404, ["s3:GetObject bucket b/k", "s3:ListBucket bucket b"]),
            ("HEAD", "/b", 200, ["s3:ListBucket bucket b"]),
            ("GET", "/b?list-type=2", 200, ["s3:ListBucket bucket b"]),
            ("PUT", "/b/k?partNumber=1&uploadId=2", 200, ["s3:PutObject bucket b/k"]),
            ("DELETE", "/b/k?uploadId=2", 204, ["s3:AbortMultipartUpload bucket b/k"]),
            ("DELETE", "/b/k?tagging", 204, ["s3:DeleteObjectTagging bucket b/k"]),
            ("POST", "/b?delete", 200, ["s3:DeleteObject bucket b"]),
            ("POST", "/2015-03-31/functions/f/invocations", 200, ["lambda:InvokeFunction function f"]),
        ] as [(String, String, Int, [String])])
    func requestsByPathAreToldApart(method: String, target: String, status: Int, actions: [String]) throws {
        #expect(try needs(method, target, status: status) == actions)
    }

    @Test func aCopyWithTagsReadsItsSourceToo() throws {
        let headers: HTTPHeaders = ["x-amz-copy-source": "/from/a/1", "x-amz-tagging": "a=b"]
        #expect(
            try needs("PUT", "/b/k", headers) == [
                "s3:PutObject bucket b/k", "s3:PutObjectTagging bucket b/k", "s3:GetObject bucket from/a/1",
            ])
    }

    @Test(arguments: [
        ("{\"actions\": [\"s3:GetObject\"], \"bucket\": \"b\"}", true),
        ("{\"actions\": [\"s3:GetObject\"], \"bucket\": \"b\", \"keys\": \"audio/*\"}", true),
        ("{\"actions\": [\"s3:GetObject\"], \"bucket\": \"b\", \"keys\": \"images/*\"}", false),
        ("{\"actions\": [\"s3:GetObject\"], \"bucket\": \"c\"}", false),
        ("{\"actions\": [\"s3:PutObject\"], \"bucket\": \"b\"}", false),
    ])
    func aPermissionCoversItsActionsOnItsKeys(permission: String, covers: Bool) throws {
        let used = UsedAction(
            function: "f", action: "s3:GetObject", kind: "bucket", name: "b", key: "audio/*")
        #expect(PermissionCheck.covers(try JSONValue.parse(Array(permission.utf8)), used) == covers)
    }

    @Test func variablesThatAFunctionLacksAreThoseItNames() {
        let text =
            "x environment variable TABLE_NAME is not set, environment variable A is odd; environment variable B is not set"
        #expect(SampleRuns.missingVariables(in: text) == ["TABLE_NAME", "B"])
    }
}
