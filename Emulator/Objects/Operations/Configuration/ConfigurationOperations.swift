/// The operations on configurations of buckets.
enum ConfigurationOperations {
    static let all: [Operation] = single + named

    private static let single: [Operation] = [
        Operation("PutBucketCors", "PUT", .bucket, ["cors"], run: PutBucketCors.run),
        Operation("GetBucketCors", "GET", .bucket, ["cors"], run: GetBucketCors.run),
        Operation("DeleteBucketCors", "DELETE", .bucket, ["cors"], run: DeleteBucketCors.run),
        Operation("PutBucketEncryption", "PUT", .bucket, ["encryption"], run: PutBucketEncryption.run),
        Operation("GetBucketEncryption", "GET", .bucket, ["encryption"], run: GetBucketEncryption.run),
        Operation(
            "DeleteBucketEncryption", "DELETE", .bucket, ["encryption"], run: DeleteBucketEncryption.run),
        Operation("PutBucketTagging", "PUT", .bucket, ["tagging"], run: PutBucketTagging.run),
        Operation("GetBucketTagging", "GET", .bucket, ["tagging"], run: GetBucketTagging.run),
        Operation("DeleteBucketTagging", "DELETE", .bucket, ["tagging"], run: DeleteBucketTagging.run),
        Operation("PutBucketLogging", "PUT", .bucket, ["logging"], run: PutBucketLogging.run),
        Operation("GetBucketLogging", "GET", .bucket, ["logging"], run: GetBucketLogging.run),
        Operation(
            "PutBucketRequestPayment", "PUT", .bucket, ["requestPayment"], run: PutBucketRequestPayment.run),
        Operation(
            "GetBucketRequestPayment", "GET", .bucket, ["requestPayment"], run: GetBucketRequestPayment.run),
        Operation(
            "PutBucketAccelerateConfiguration", "PUT", .bucket, ["accelerate"],
            run: PutBucketAccelerateConfiguration.run),
        Operation(
            "GetBucketAccelerateConfiguration", "GET", .bucket, ["accelerate"],
            run: GetBucketAccelerateConfiguration.run),
        Operation("PutBucketReplication", "PUT", .bucket, ["replication"], run: PutBucketReplication.run),
        Operation("GetBucketReplication", "GET", .bucket, ["replication"], run: GetBucketReplication.run),
        Operation(
            "DeleteBucketReplication", "DELETE", .bucket, ["replication"], run: DeleteBucketReplication.run),
        Operation("PutBucketWebsite", "PUT", .bucket, ["website"], run: PutBucketWebsite.run),
        Operation("GetBucketWebsite", "GET", .bucket, ["website"], run: GetBucketWebsite.run),
        Operation("DeleteBucketWebsite", "DELETE", .bucket, ["website"], run: DeleteBucketWebsite.run),
    ]

    /// Those of which a bucket holds many; without `id` a GET lists them.
    private static let named: [Operation] = [
        Operation(
            "PutBucketAnalyticsConfiguration", "PUT", .bucket, ["analytics"],
            run: PutBucketAnalyticsConfiguration.run),
        Operation(
            "GetBucketAnalyticsConfiguration", "GET", .bucket, ["analytics"], query: "id",
            run: GetBucketAnalyticsConfiguration.run),
        Operation(
            "DeleteBucketAnalyticsConfiguration", "DELETE", .bucket, ["analytics"],
            run: DeleteBucketAnalyticsConfiguration.run),
        Operation(
            "ListBucketAnalyticsConfigurations", "GET", .bucket, ["analytics"],
            run: ListBucketAnalyticsConfigurations.run),
        Operation(
            "PutBucketInventoryConfiguration", "PUT", .bucket, ["inventory"],
            run: PutBucketInventoryConfiguration.run),
        Operation(
            "GetBucketInventoryConfiguration", "GET", .bucket, ["inventory"], query: "id",
            run: GetBucketInventoryConfiguration.run),
        Operation(
            "DeleteBucketInventoryConfiguration", "DELETE", .bucket, ["inventory"],
            run: DeleteBucketInventoryConfiguration.run),
        Operation(
            "ListBucketInventoryConfigurations", "GET", .bucket, ["inventory"],
            run: ListBucketInventoryConfigurations.run),
        Operation(
            "PutBucketMetricsConfiguration", "PUT", .bucket, ["metrics"],
            run: PutBucketMetricsConfiguration.run),
        Operation(
            "GetBucketMetricsConfiguration", "GET", .bucket, ["metrics"], query: "id",
            run: GetBucketMetricsConfiguration.run),
        Operation(
            "DeleteBucketMetricsConfiguration", "DELETE", .bucket, ["metrics"],
            run: DeleteBucketMetricsConfiguration.run),
        Operation(
            "ListBucketMetricsConfigurations", "GET", .bucket, ["metrics"],
            run: ListBucketMetricsConfigurations.run),
        Operation(
            "PutBucketIntelligentTieringConfiguration", "PUT", .bucket, ["intelligent-tiering"],
            run: PutBucketIntelligentTieringConfiguration.run),
        Operation(
            "GetBucketIntelligentTieringConfiguration", "GET", .bucket, ["intelligent-tiering"], query: "id",
            run: GetBucketIntelligentTieringConfiguration.run),
        Operation(
            "DeleteBucketIntelligentTieringConfiguration", "DELETE", .bucket, ["intelligent-tiering"],
            run: DeleteBucketIntelligentTieringConfiguration.run),
        Operation(
            "ListBucketIntelligentTieringConfigurations", "GET", .bucket, ["intelligent-tiering"],
            run: ListBucketIntelligentTieringConfigurations.run),
    ]
}
