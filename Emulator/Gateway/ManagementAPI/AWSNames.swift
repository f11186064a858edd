import JSON

/// How the management calls and OpenAPI documents name what belongs to an API.
struct AWSNames: Sendable {
    let region: String
    let accountID: String

    /// A function's ARN.
    func function(_ name: String) -> String { "arn:aws:lambda:\(region):\(accountID):function:\(name)" }

    /// How API Gateway names a function's invocation.
    func invocation(of name: String) -> String {
        "arn:aws:apigateway:\(region):lambda:path/2015-03-31/functions/\(function(name))/invocations"
    }

    func authorizerID(_ name: String, of model: APIModel) -> String {
        StableIdentifier.make(model.id, "authorizer", name, length: 6)
    }

    /// The manifest is deployed as a whole.
    func deploymentID(_ model: APIModel) -> String {
        StableIdentifier.make(model.id, "deployment", length: 6)
    }

    /// The name of the function in an ARN, or in the ARN of its invocation; nil when it is neither.
    static func function(in uri: String) -> String? {
        let parts = uri.split(separator: ":", omittingEmptySubsequences: false)
        guard let mark = parts.lastIndex(of: "function"), mark + 1 < parts.count else { return nil }
        let name = parts[mark + 1].prefix { $0 != "/" }
        return name.isEmpty ? nil : String(name)
    }
}

extension JSONObject {
    /// Texts by their names, in the order of these.
    init(sorted texts: [String: String]) {
        self.init(texts.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })
    }
}
