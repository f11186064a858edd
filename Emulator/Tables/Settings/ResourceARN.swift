import AWSProtocol

/// The Amazon Resource Name of a table or of one of its streams, as operations on resources take it.
struct ResourceARN: Sendable {
    /// Whose texts refuse ARNs of other regions and accounts.
    enum Use: Sendable {
        case tags(operation: String)
        case policies
    }

    let text: String
    let table: String
    /// `LatestStreamLabel` of a stream.
    let stream: String?

    /// - Throws: AWS's refusal of what is not a table or a stream of this account and region.
    init(_ text: String, for use: Use, at location: TableLocation) throws {
        guard text.hasPrefix("arn:") else {
            throw TableErrors.invalidParameter("ARNs must start with 'arn:': \(text)")
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let resource =
            parts.count == 6 ? parts[5].split(separator: "/", omittingEmptySubsequences: false) : []
        let kinds: [Substring] = ["index", "stream"]
        guard parts.count == 6, parts[2] == "dynamodb", resource.first == "table",
            resource.count == 2 || resource.count == 4 && kinds.contains(resource[2]), !resource[1].isEmpty
        else {
            throw TableErrors.invalidParameter("Provided Arn is not a DynamoDB resource arn: \(text)")
        }
        let isStream = resource.count == 4 && resource[2] == "stream"
        if resource.count == 4, !isStream {
            throw TableErrors.invalidParameter(
                "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: \(text)"
            )
        }
        if parts[1] != "aws" || parts[3] != location.region { throw Self.elsewhere(text, use) }
        if parts[4] != location.accountID { throw Self.foreign(text, use, location) }
        self.text = text
        table = String(resource[1])
        stream = isStream ? String(resource[3]) : nil
    }

    private static func elsewhere(_ text: String, _ use: Use) -> AWSError {
        switch use {
        case .tags:
            TableErrors.validation("Invalid TableArn: Invalid ResourceArn provided as input \(text)")
        case .policies: TableErrors.invalidParameter("Invalid resource Arn: \(text)")
        }
    }

    private static func foreign(_ text: String, _ use: Use, _ location: TableLocation) -> AWSError {
        switch use {
        case .tags(let operation):
            AWSError(
                code: "AccessDeniedException",
                message: "User: arn:aws:iam::\(location.accountID):root is not authorized to perform: "
                    + "dynamodb:\(operation) on resource: \(text)")
        case .policies:
            TableErrors.validation(
                "This action is only supported by accounts that match the resource owner’s account.")
        }
    }
}
