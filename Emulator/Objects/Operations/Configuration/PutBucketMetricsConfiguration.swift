import AWSProtocol
import HTTPTypes

/// PUT /bucket?metrics&id=: which requests would be counted.
enum PutBucketMetricsConfiguration {
    static let configurations = NamedConfigurations(
        kind: .metrics,
        shape: DocumentShape(
            "MetricsConfiguration",
            [.required("Id", .text), .optional("Filter", FilterShape.filter(with: "AccessPointArn"))]),
        listRoot: "ListMetricsConfigurationsResult")

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configurations.put(request, core) { tree throws(AWSError) in
            try FilterShape.validate(tree.child("Filter"))
        }
    }
}
