import AWSProtocol
import Bytes
import Seeded
import Testing

@testable import Objects

@Suite struct PolicyTests {
    static let account = PolicyCaller.account("000000000000", canonicalID: String(repeating: "0", count: 64))
    static let objects = "arn:aws:s3:::bucket/*"

    static func policy(_ statements: String...) throws -> Policy {
        try PolicyReader.read(
            "{\"Version\":\"2012-10-17\",\"Statement\":[\(statements.joined(separator: ","))]}".bytes)
    }

    /// A statement in a short form.
    static func statement(
        _ effect: String, _ action: String = "\"s3:GetObject\"", principal: String = "\"*\"",
        resource: String = "\"\(objects)\"", more: String = ""
    ) -> String {
        "{\"Effect\":\"\(effect)\",\"Principal\":\(principal),\"Action\":\(action),\"Resource\":\(resource)\(more)}"
    }

    static func answer(
        _ policy: Policy, _ action: String = "s3:GetObject", _ resource: String = "arn:aws:s3:::bucket/k",
        by caller: PolicyCaller = .anonymous, facts: [String: [String]] = [:]
    ) -> PolicyAnswer {
        policy.answer(
            PolicyQuestion(
                caller: caller, action: action, resource: resource.bytes, facts: PolicyFacts { facts[$0] }))
    }

    @Test func withoutAStatementThatAppliesThereIsNoAnswer() throws {
        let policy = try Self.policy(Self.statement("Allow"))
        #expect(Self.answer(policy) == .allowed)
        #expect(Self.answer(policy, "s3:PutObject") == .silent)
        #expect(Self.answer(policy, "s3:GetObject", "arn:aws:s3:::bucket") == .silent)
        #expect(Self.answer(policy, "s3:GetObject", "arn:aws:s3:::other/k") == .silent)
    }

    @Test func denialsStandAbovePermissionsInAnyOrder() throws {
        let (allow, deny) = (Self.statement("Allow"), Self.statement("Deny"))
        #expect(Self.answer(try Self.policy(allow, deny)) == .denied)
        #expect(Self.answer(try Self.policy(deny, allow)) == .denied)
    }

    @Test(arguments: [
        ("\"*\"", true, true), ("{\"AWS\":\"*\"}", true, true), ("{\"AWS\":[\"*\"]}", true, true),
        ("{\"AWS\":\"000000000000\"}", true, false),
        ("{\"AWS\":\"arn:aws:iam::000000000000:root\"}", true, false),
        ("{\"AWS\":[\"111111111111\",\"000000000000\"]}", true, false),
        ("{\"AWS\":\"111111111111\"}", false, false),
        ("{\"AWS\":\"arn:aws:iam::000000000000:user/zoe\"}", false, false),
        ("{\"CanonicalUser\":\"\(String(repeating: "0", count: 64))\"}", true, false),
        ("{\"CanonicalUser\":\"\(String(repeating: "1", count: 64))\"}", false, false),
        ("{\"Service\":\"cloudfront.amazonaws.com\"}", false, false),
        ("{\"Federated\":\"cognito-identity.amazonaws.com\"}", false, false),
        ("{\"Service\":\"cloudfront.amazonaws.com\",\"AWS\":\"000000000000\"}", true, false),
    ])
    func principals(_ principal: String, _ isForTheAccount: Bool, _ isForAll: Bool) throws {
        let policy = try Self.policy(Self.statement("Allow", principal: principal))
        #expect((Self.answer(policy, by: Self.account) == .allowed) == isForTheAccount)
        #expect((Self.answer(policy) == .allowed) == isForAll)
    }

    @Test func notPrincipal() throws {
        let policy = try PolicyReader.read(
            """
            {"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"000000000000"},
            "Action":"s3:*","Resource":"\(Self.objects)"}}
            """.bytes)
        #expect(Self.answer(policy, by: Self.account) == .silent)
        #expect(Self.answer(policy) == .denied)
    }

    @Test func negatedActionsAndResources() throws {
        let policy = try PolicyReader.read(
            """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:Put*",
            "NotResource":"arn:aws:s3:::bucket/secret/*"}}
            """.bytes)
        #expect(Self.answer(policy) == .allowed)
        #expect(Self.answer(policy, "s3:PutObject") == .silent)
        #expect(Self.answer(policy, "s3:GetObject", "arn:aws:s3:::bucket/secret/k") == .silent)
    }

    @Test func allConditionsOfAStatementHold() throws {
        let policy = try Self.policy(
            Self.statement(
                "Allow",
                more: """
                    ,"Condition":{"StringEquals":{"aws:UserAgent":"a","s3:prefix":["x","y"]},
                    "Bool":{"aws:SecureTransport":false}}
                    """))
        var facts = ["aws:useragent": ["a"], "s3:prefix": ["y"], "aws:securetransport": ["false"]]
        #expect(Self.answer(policy, facts: facts) == .allowed)
        for key in facts.keys {
            let old = facts.updateValue(["other"], forKey: key)
            #expect(Self.answer(policy, facts: facts) == .silent)
            facts[key] = old
        }
    }

    @Test(arguments: [
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("{", "This policy contains invalid Json"), ("{}", "Missing required field Statement"),
        ("{\"Statement\":[]}", "Could not parse the policy: Statement is empty!"),
        ("{\"Statement\":[1]}", "This policy contains invalid Json"),
        ("{\"Version\":1,\"Statement\":[]}", "The policy must contain a valid version string"),
        ("{\"Other\":1}", "Unknown field Other"),
        ("{\"Statement\":{\"Effect\":true}}", "Invalid effect: boolean"),
        (
            "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"NotPrincipal\":\"*\"}}",
            "Statement must not contain both Principal and NotPrincipal"
        ),
        (
            "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[1],\"Resource\":\"x\"}}",
            "Policy has invalid action"
        ),
        (
            "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":{}}}",
            "Policy has invalid resource"
        ),
    ])
    func whatIsNoPolicy(_ source: String, _ message: String) {
        let error = #expect(throws: AWSError.self) { try PolicyReader.read(source.bytes) }
        #expect(error?.code == "MalformedPolicy" && error?.message == message, "\(String(describing: error))")
    }

    @Test func sizesAndNamesOfStatements() throws {
        let twice = Self.statement("Deny", more: ",\"Sid\":\"One\"")
        #expect(throws: AWSError.self) { try Self.policy(twice, twice) }
        let long = Self.statement(
            "Deny", resource: "\"arn:aws:s3:::bucket/\(String(repeating: "x", count: 21_000))\"")
        #expect(throws: AWSError.self) { try Self.policy(long) }
    }

    @Test(arguments: [
        ("\"s3:GetObject\"", "\"arn:aws:s3:::bucket/*\"", true),
        ("\"s3:GetObject\"", "\"arn:aws:s3:::bucket\"", false),
        ("\"s3:ListBucket\"", "\"arn:aws:s3:::bucket\"", true),
        ("\"s3:ListBucket\"", "\"arn:aws:s3:::bucket/*\"", false),
        ("[\"s3:ListBucket\",\"s3:GetObject\"]", "[\"arn:aws:s3:::bucket\",\"arn:aws:s3:::bucket/*\"]", true),
        ("\"s3:*\"", "\"arn:aws:s3:::bucket/*\"", true), ("\"s3:*\"", "\"arn:aws:s3:::bucket\"", true),
        ("\"*\"", "\"arn:aws:s3:::bucket/a\"", true), ("\"s3:GetObject\"", "\"arn:aws:s3:::bucket*\"", true),
        ("\"s3:Nothing\"", "\"arn:aws:s3:::bucket/*\"", false),
        ("\"s3:GetObject\"", "\"arn:aws:s3:::bucke/*\"", false),
        ("\"s3:GetObject\"", "\"arn:aws:s3:::bucket2/*\"", false),
        ("\"s3:GetObject\"", "\"arn:aws:s3:::*/x\"", false),
        ("\"s3:GetObject\"", "\"bucket/*\"", false),
    ])
    func actionsAndResources(_ action: String, _ resource: String, _ fits: Bool) throws {
        let policy = try Self.policy(Self.statement("Deny", action, resource: resource))
        if fits {
            try PolicyCheck(bucket: "bucket").check(policy)
        } else {
            #expect(throws: AWSError.self) { try PolicyCheck(bucket: "bucket").check(policy) }
        }
    }

    @Test(arguments: [
        ("", true), (",\"Condition\":{\"StringEquals\":{\"aws:SourceVpc\":\"vpc-1\"}}", false),
        (",\"Condition\":{\"StringEqualsIfExists\":{\"aws:SourceVpc\":\"vpc-1\"}}", true),
        (",\"Condition\":{\"ForAllValues:StringEquals\":{\"aws:SourceVpc\":\"vpc-1\"}}", true),
        (",\"Condition\":{\"StringLike\":{\"aws:SourceVpc\":\"vpc-1\"}}", false),
        (",\"Condition\":{\"StringLike\":{\"aws:SourceVpc\":\"vpc-?\"}}", true),
        (",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"10.0.0.0/8\",\"2001:db8::/32\"]}}", false),
        (",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"10.0.0.0/8\",\"8.0.0.0/7\"]}}", true),
        (",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"2001::/16\"}}", true),
        (",\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}", true),
        (",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:sns:us-east-1:123456789012:t\"}}", false),
        (",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:sns:*:*:t\"}}", true),
        (
            ",\"Condition\":{\"ArnLike\":{\"s3:DataAccessPointArn\":\"arn:aws:s3:us-east-1:123456789012:accesspoint/*\"}}",
            false
        ),
        (",\"Condition\":{\"StringEquals\":{\"aws:userid\":\"${aws:userid}\"}}", true),
        (",\"Condition\":{\"StringEquals\":{\"aws:userid\":\"anonymous\"}}", true),
        (",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}", true),
    ])
    func public_(_ more: String, _ isPublic: Bool) throws {
        #expect(try Self.policy(Self.statement("Allow", more: more)).isPublic == isPublic)
        #expect(try !Self.policy(Self.statement("Deny", more: more)).isPublic)
        #expect(
            try !Self.policy(Self.statement("Allow", principal: "{\"AWS\":\"000000000000\"}", more: more))
                .isPublic)
    }

    /// Damaged policies are refused or mean something; neither reading nor asking them ends the emulator.
    @Test func damagedPoliciesDoNoHarm() throws {
        var random = SeededRandom.fresh("damaged policies")
        let whole = """
            {"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["*","000000000000"]},
            "Action":["s3:Get*","s3:PutObject"],"Resource":["arn:aws:s3:::bucket/${aws:UserAgent, 'x'}/*"],"Condition":
            {"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]},"DateLessThan":{"aws:CurrentTime":"2026-01-02"},
            "ForAllValues:StringLikeIfExists":{"s3:prefix":["a?","b*"]},"NumericLessThan":{"s3:max-keys":10}}}]}
            """.bytes
        let facts = [
            "aws:sourceip": ["::1"], "aws:currenttime": ["2026-01-01T00:00:00Z"], "s3:prefix": ["ab"],
            "s3:max-keys": ["9"], "aws:useragent": ["*"],
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 1..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: place)
                default: damaged.insert(whole[Int.random(in: 0..<whole.count, using: &random)], at: place)
                }
            }
            guard let policy = try? PolicyReader.read(damaged) else { continue }
            accepted += 1
            _ = Self.answer(policy, facts: facts)
            _ = policy.isPublic
            _ = try? PolicyCheck(bucket: "bucket").check(policy)
        }
        #expect(accepted > 0)
    }

    /// An operation whose action were unknown could be neither permitted nor denied.
    @Test func everyOperationIsAnActionThatPoliciesCanName() {
        let own: Set<String> = ["ListBuckets", "DeleteObjects", "PostObject"]
        for operation in OperationTable.all where !own.contains(operation.name) {
            let action = RequiredDeeds.action(of: operation.name)
            let known = operation.level == .object ? S3Action.onObjects : S3Action.onBuckets
            #expect(known.contains(action), "\(operation.name) is \(action)")
        }
    }
}
