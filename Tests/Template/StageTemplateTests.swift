import JSON
import Testing

@testable import StackTemplate

@Suite struct StageTemplateTests {
    private func template(_ text: String, _ stage: Stage.Name = .dev) throws -> JSONValue {
        try StageTemplate(
            manifest: try JSONValue.parse(Array(text.utf8)), stage: stage, package: { "\($0).zip" }
        )
        .document
    }

    private func manifest(_ more: String = "", function: String = "{}") -> String {
        "{\"service\": \"shop\", \"functions\": {\"hello\": \(function)}\(more.isEmpty ? "" : ", \(more)")}"
    }

    private func resource(_ document: JSONValue, _ id: String) throws -> JSONValue {
        try #require(document["Resources"]?[id], "\(document["Resources"]?.object?.keys ?? [])")
    }

    @Test func aFunctionHasTheNameOfItsStageAndAnAlias() throws {
        let document = try template(manifest(function: "{\"timeout\": 7}"), .staging)
        let function = try resource(document, "HelloFunction")
        #expect(function["Type"] == "AWS::Serverless::Function")
        let properties = try #require(function["Properties"])
        #expect(properties["FunctionName"] == "shop-staging-hello")
        #expect(properties["Timeout"] == 7)
        #expect(properties["Architectures"] == ["x86_64"])
        #expect(properties["AutoPublishAlias"] == "live")
        #expect(properties["CodeUri"] == "hello.zip")
        #expect(properties["DeploymentPreference"]?["Type"] == "Canary10Percent5Minutes")
    }

    @Test func theSameManifestGivesTheSameBytes() throws {
        let text = manifest("\"tables\": [{\"TableName\": \"t\"}]")
        let first = try template(text).prettyPrinted()
        for _ in 0..<20 { #expect(try template(text).prettyPrinted() == first) }
    }

    @Test func aRoleAllowsItsOwnLogsAndNothingElseUnlessPermitted() throws {
        let role = try resource(try template(manifest()), "HelloRole")
        let statements = role["Properties"]?["Policies"]?[0]?["PolicyDocument"]?["Statement"]?.array
        #expect(statements?.count == 1)
        #expect(statements?[0]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"])
    }

    @Test func aPermissionToQueryReachesIndexesOnlyWhereThereAreSome() throws {
        let function = "{\"permissions\": [{\"actions\": [\"dynamodb:Query\"], \"table\": \"t\"}]}"
        for (indexes, count) in [("", 1), (", \"GlobalSecondaryIndexes\": []", 2)] {
            let text = manifest("\"tables\": [{\"TableName\": \"t\"\(indexes)}]", function: function)
            let role = try resource(try template(text), "HelloRole")
            let resources = role["Properties"]?["Policies"]?[0]?["PolicyDocument"]?["Statement"]?[1]?[
                "Resource"]
            #expect((resources?.array?.count ?? 1) == count)
        }
    }

    @Test func configurationsOfABucketAreTheBucketsOwn() throws {
        let actions = "\"s3:GetLifecycleConfiguration\", \"s3:PutReplicationConfiguration\""
        let function = "{\"permissions\": [{\"actions\": [\(actions)], \"bucket\": \"files\"}]}"
        let text = manifest("\"buckets\": [{\"name\": \"files\"}]", function: function)
        let role = try resource(try template(text), "HelloRole")
        #expect(
            role["Properties"]?["Policies"]?[0]?["PolicyDocument"]?["Statement"]?[1]?["Resource"]
                == ["Fn::Sub": "arn:${AWS::Partition}:s3:::files-dev-${AWS::AccountId}"])
    }

    @Test func aSiteShowsItsPagesAndNoList() throws {
        let text = manifest("\"buckets\": [{\"name\": \"files\", \"website\": {}}]")
        let policy = try resource(try template(text), "FilesBucketPolicy")
        let statement = policy["Properties"]?["PolicyDocument"]?["Statement"]?[0]
        #expect(statement?["Action"] == "s3:GetObject")
        #expect(
            statement?["Resource"]
                == ["Fn::Sub": "arn:${AWS::Partition}:s3:::files-dev-${AWS::AccountId}/*"])
    }

    @Test func namesOfTablesBucketsAndFunctionsInVariablesBecomeTheStages() throws {
        let text = manifest(
            """
            "environment": {"TABLE": "t", "BUCKET": "files", "OTHER": "x", "NEXT": "hello"},
            "tables": [{"TableName": "t"}], "buckets": [{"name": "files"}]
            """)
        let function = try resource(try template(text), "HelloFunction")
        let variables = try #require(function["Properties"]?["Environment"]?["Variables"])
        #expect(variables["TABLE"] == ["Ref": "TTable"])
        #expect(variables["BUCKET"] == ["Fn::Sub": "files-dev-${AWS::AccountId}"])
        #expect(variables["OTHER"] == "x")
        #expect(variables["NEXT"] == "shop-dev-hello")
    }

    @Test func variablesOfTheEnvironmentAreParametersThatShowNothing() throws {
        let document = try template(manifest("\"passEnvironment\": [\"API_KEY\"]"))
        #expect(document["Parameters"]?["ApiKey"]?["NoEcho"] == true)
        let function = try resource(document, "HelloFunction")
        #expect(
            function["Properties"]?["Environment"]?["Variables"]?["API_KEY"]
                == ["Fn::If": ["HasApiKey", ["Ref": "ApiKey"], ["Ref": "AWS::NoValue"]]])
    }

    @Test func aVariableThatIsNamedTwiceIsOneParameter() throws {
        let document = try template(manifest("\"passEnvironment\": [\"API_KEY\", \"API_KEY\"]"))
        #expect(document["Parameters"]?.object?.keys == ["ApiKey"])
    }

    @Test func addressesOfThisMachineAreNoValuesOfParameters() throws {
        let text = manifest("\"passEnvironment\": [\"API_URL\"]")
        let template = try StageTemplate(
            manifest: try JSONValue.parse(Array(text.utf8)), stage: .dev, package: { "\($0).zip" })
        let refusal = #expect(throws: Undeployable.self) {
            try template.check(environment: ["API_URL": "http://localhost:9/?key=secret"])
        }
        #expect(refusal?.sentence.hasPrefix("has 'API_URL', whose value here is an address") == true)
        #expect(refusal?.sentence.contains("secret") == false)
        try template.check(environment: ["API_URL": "https://api.example", "OTHER": "http://localhost:9"])
        try template.check(environment: [:])
    }

    @Test func aStagesOwnSettingsCountFirst() throws {
        let text = manifest(
            """
            "deployment": {"stages": {"prod": {
              "functions": {"hello": {"memorySize": 512}}, "logRetentionDays": 365, "alarms": false,
              "deploymentPreference": "AllAtOnce"}}}
            """, function: "{\"memorySize\": 256}")
        let document = try template(text, .prod)
        let function = try resource(document, "HelloFunction")
        #expect(function["Properties"]?["MemorySize"] == 512)
        #expect(function["Properties"]?["DeploymentPreference"] == ["Type": "AllAtOnce"])
        #expect(try resource(document, "HelloLogGroup")["Properties"]?["RetentionInDays"] == 365)
        #expect(document["Resources"]?["HelloErrorsAlarm"] == nil)
        #expect(try resource(try template(text), "HelloFunction")["Properties"]?["MemorySize"] == 256)
    }

    @Test func dataOfProductionOutlivesItsStack() throws {
        let text = manifest("\"tables\": [{\"TableName\": \"t\"}]")
        #expect(try resource(try template(text, .prod), "TTable")["DeletionPolicy"] == "Retain")
        #expect(try resource(try template(text, .dev), "TTable")["DeletionPolicy"] == "Delete")
    }

    @Test func warmUpIsAScheduleWhereTheStageWantsIt() throws {
        let text = manifest(
            function: "{\"warmUp\": {\"expression\": \"rate(3 minutes)\", \"input\": {\"a\": 1}}}")
        let rule = try resource(try template(text, .prod), "HelloWarmUpRule")
        #expect(rule["Properties"]?["ScheduleExpression"] == "rate(3 minutes)")
        #expect(rule["Properties"]?["Targets"]?[0]?["Input"] == "{\"a\":1}")
        #expect(try template(text, .dev)["Resources"]?["HelloWarmUpRule"] == nil)
    }

    @Test func anotherDescriptionOfAnAPIIsAnotherDeployment() throws {
        func deployments(_ path: String) throws -> [String] {
            let text = manifest(
                "\"restApi\": {\"routes\": [{\"route\": \"GET \(path)\", \"function\": \"hello\"}]}")
            return (try template(text)["Resources"]?.object?.keys ?? []).filter {
                $0.hasPrefix("RestApiDeployment")
            }
        }
        #expect(try deployments("/a").count == 1)
        #expect(try deployments("/a") == deployments("/a"))
        #expect(try deployments("/a") != deployments("/b"))
    }

    /// What the manifest says more, and where the refusal points.
    @Test(arguments: [
        ("\"backends\": []", "backends"),
        ("\"environment\": {\"U\": \"http://127.0.0.1:9\"}", "environment.U"),
        ("\"environment\": {\"AWS_REGION\": \"x\"}", "environment.AWS_REGION"),
        (
            "\"httpApi\": {\"routes\": [{\"route\": \"GET /\", \"url\": \"http://localhost:1/\"}]}",
            "httpApi.routes.0.url"
        ),
        (
            "\"httpApi\": {\"routes\": [], \"authorizers\": {\"j\": {\"type\": \"jwt\", \"jwksFile\": \"f\"}}}",
            "httpApi.authorizers.j.jwksFile"
        ),
        (
            "\"webSocketApi\": {\"routes\": [], \"limits\": {\"idleSeconds\": 5}}",
            "webSocketApi.limits.idleSeconds"
        ),
        ("\"restApi\": {\"routes\": [], \"stages\": {\"p\": {\"canary\": {}}}}", "restApi.stages.p.canary"),
        ("\"tables\": [{\"TableName\": \"t\", \"Replicas\": []}]", "tables.0.Replicas"),
        ("\"tables\": [{\"TableName\": \"a-b\"}, {\"TableName\": \"a_b\"}]", "tables.1"),
        ("\"passEnvironment\": [\"KEY1\", \"KEY_1\"]", "passEnvironment"),
        ("\"passEnvironment\": [\"KEY\", \"AWS_REGION\"]", "passEnvironment.1"),
        (
            "\"passEnvironment\": [\"NOTES_TABLE\"], \"tables\": [{\"TableName\": \"notes\"}]",
            "passEnvironment"
        ),
    ])
    func whatAWSDoesNotDoIsRefused(more: String, place: String) throws {
        let refusal = #expect(throws: Undeployable.self) { try template(manifest(more)) }
        #expect(refusal?.path.joined(separator: ".") == place)
    }

    @Test(arguments: ["\"freeze\": false", "\"concurrencyPerEnvironment\": 2"])
    func functionsThatAWSRunsOtherwiseAreRefused(field: String) {
        #expect(throws: Undeployable.self) { try template(manifest(function: "{\(field)}")) }
    }
}
