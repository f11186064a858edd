import AWSProtocol
import Clock
import HTTPTypes
import JSON
import Testing

@testable import Lambda

@Suite struct RoutingTests {
    private static let context = AWSContext(
        requestID: "id", region: "us-east-1", accountID: "000000000000", now: Timestamp(milliseconds: 0),
        identity: .anonymous)

    private func find(_ method: String, _ target: String) throws -> (String, LambdaRequest) {
        let request = HTTPRequest(method: method, target: target)
        let (operation, found) = try LambdaOperation.find(request, context: Self.context)
        return (operation.name, found)
    }

    @Test(arguments: [
        ("GET", "/2015-03-31/functions/", "ListFunctions"), ("GET", "/2015-03-31/functions", "ListFunctions"),
        ("GET", "/2015-03-31/functions/f", "GetFunction"),
        ("DELETE", "/2015-03-31/functions/f/policy/s", "RemovePermission"),
        ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=a", "GetLayerVersionByArn"),
        ("GET", "/2018-10-31/layers?Marker=a", "ListLayers"),
        (
            "GET", "/2019-09-30/functions/f/provisioned-concurrency?List=ALL",
            "ListProvisionedConcurrencyConfigs"
        ),
        ("GET", "/2019-09-30/functions/f/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
        ("GET", "/2017-03-31/tags/arn%3Aaws%3Alambda", "ListTags"),
    ])
    func eachPathHasItsOperation(_ method: String, _ target: String, _ name: String) throws {
        #expect(try find(method, target).0 == name)
    }

    @Test func parametersAreDecoded() throws {
        let (_, request) = try find("GET", "/2015-03-31/functions/a%3Ab/aliases/%C3%BC?Marker=a%2Bb&x=+")
        #expect(request.path("FunctionName") == "a:b")
        #expect(request.path("Name") == "ü")
        #expect(request.query("Marker") == "a+b")
        #expect(request.query("absent") == nil)
        #expect(try find("GET", "/2017-03-31/tags/arn:a/b").1.path("Resource") == "arn:a/b")
    }

    @Test(arguments: [
        ("PATCH", "/2015-03-31/functions/f", "UnknownOperationException"),
        ("GET", "/2015-03-31/functions/f/nothing", "UnknownOperationException"),
        ("GET", "/2015-03-31/functions/%zz", "UnknownOperationException"),
        ("POST", "/2020-04-22/code-signing-configs", "UnsupportedOperationException"),
    ])
    func otherPathsAreRefused(_ method: String, _ target: String, _ code: String) {
        #expect(performing: { try find(method, target) }, throws: { ($0 as? AWSError)?.code == code })
    }

    @Test func operationsHaveTheirOwnNamesAndPaths() {
        let all = LambdaOperation.all
        #expect(Set(all.map(\.name)).count == all.count)
        for (index, one) in all.enumerated() {
            for other in all[(index + 1)...] where one.method == other.method && one.mark == nil {
                #expect(one.segments != other.segments, "\(one.name) hides \(other.name)")
            }
        }
    }

    @Test(
        arguments: [
            ("l", nil, "l", nil), ("arn:aws:lambda:us-east-1:000000000000:layer:l", "us-east-1", "l", nil),
            ("arn:aws:lambda:us-east-1:000000000000:layer:l:7", "us-east-1", "l", 7),
        ] as [(String, String?, String, Int?)])
    func layersAreReadFromNamesAndARNs(_ text: String, _ region: String?, _ name: String, _ version: Int?)
        throws
    {
        let reference = try #require(LayerReference(text))
        #expect(reference.region == region && reference.name == name && reference.version == version)
    }

    @Test(arguments: [
        "", "a b", "arn:aws:lambda:us-east-1:1:layer:l:7", "arn:aws:s3:us-east-1:000000000000:layer:l:7",
        "arn:aws:lambda:us-east-1:000000000000:layer:l:x", "arn:aws:lambda:us-east-1:000000000000:function:l",
    ])
    func otherTextsNameNoLayer(_ text: String) { #expect(LayerReference(text) == nil) }

    @Test(arguments: [
        ("arn:aws:iam::123456789012:role/r", true), ("arn:aws:iam::123456789012:role/a/b.c", true),
        ("arn:aws-cn:iam::123456789012:role/r", true), ("arn:aws:iam::12:role/r", false), ("r", false),
        ("arn:aws:iam::123456789012:user/r", false), ("arn:aws:iam::123456789012:role/r r", false),
    ])
    func rolesHaveAPattern(_ text: String, _ fits: Bool) { #expect(Patterns.isRole(text) == fits) }

    @Test func faultsAreToldTogether() {
        var checks = ShapeChecks()
        checks.value(0, at: "a", in: 1...2)
        checks.missing("b")
        let expected =
            "2 validation errors detected: Value '0' at 'a' failed to satisfy constraint: Member must have value "
            + "greater than or equal to 1; Value null at 'b' failed to satisfy constraint: Member must not be null"
        #expect(performing: { try checks.finish() }, throws: { ($0 as? AWSError)?.message == expected })
    }

    @Test(
        arguments: [
            ("abc.lambda-url.us-east-1.localhost:4566", "abc"), ("ABC.lambda-url.us-east-1.on.aws", "abc"),
            ("lambda-url.localhost", nil), ("a.b.lambda-url.localhost", nil), ("s3.localhost", nil),
            ("", nil),
        ] as [(String, String?)])
    func hostsOfFunctionURLs(_ host: String, _ id: String?) {
        #expect(FunctionURLHost.id(ofHost: host) == id)
    }

    @Test func pagesFollowEachOther() throws {
        let items = ["a", "b", "c", "d", "e"].map { (place: $0, item: JSONValue.string($0)) }
        var (target, seen) = ("/x?MaxItems=2", [String]())
        for _ in 0..<3 {
            let request = LambdaRequest(
                http: HTTPRequest(target: target), context: Self.context, parameters: [:])
            let page = try Paging(request).page(items)
            seen += page.items.compactMap(\.string)
            if let next = page.next { target = "/x?MaxItems=2&Marker=" + next }
        }
        #expect(seen == ["a", "b", "c", "d", "e"])
    }
}
