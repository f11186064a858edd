import AWSProtocol
import HTTPTypes

/// PUT /bucket?analytics&id=: which objects' use would be studied.
enum PutBucketAnalyticsConfiguration {
    static let configurations = NamedConfigurations(
        kind: .analytics,
        shape: DocumentShape(
            "AnalyticsConfiguration",
            [
                .required("Id", .text), .optional("Filter", FilterShape.filter()),
                .required(
                    "StorageClassAnalysis",
                    .children([
                        .optional(
                            "DataExport",
                            .children([
                                .required("OutputSchemaVersion", .word(["V_1"])),
                                .required(
                                    "Destination", .children([.required("S3BucketDestination", destination)])),
                            ]))
                    ])),
            ]),
        listRoot: "ListBucketAnalyticsConfigurationResult")

    private static let destination = ElementShape.children([
        .required("Format", .word(["CSV"])), .optional("BucketAccountId", .text),
        .required("Bucket", .text), .optional("Prefix", .text),
    ])

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configurations.put(request, core) { tree throws(AWSError) in
            try FilterShape.validate(tree.child("Filter"))
        }
    }
}
