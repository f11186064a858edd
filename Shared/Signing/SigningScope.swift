/// What a signature is good for: one day, region and service.
public struct SigningScope: Sendable, Equatable {
    /// `yyyymmdd`, UTC.
    public var date: String
    public var region: String
    /// The service's signing name: `dynamodb`, `s3`, `lambda`, …
    public var service: String

    public init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    /// `date/region/service/aws4_request`, the credential scope.
    public var text: String { "\(date)/\(region)/\(service)/aws4_request" }
}
