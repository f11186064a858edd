/// Where a record of an invocation may go, by its ARN.
enum Destination: Sendable, Equatable {
    case function(name: String, qualifier: String?)
    case bucket(String)
    case queue(String)

    /// Why an ARN names no destination.
    enum Refusal: Error, Equatable {
        /// It is no ARN at all.
        case malformed
        /// AWS has no such destination.
        case unknownService
        /// AWS could deliver there, the emulator cannot.
        case unsupported(String)
        /// It is of another region or account.
        case elsewhere
    }

    static let supported = "Lambda functions, S3 buckets (of failures) and queues of the manifest"

    init(_ arn: String, region: String, accountID: String) throws(Refusal) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 6, parts[0] == "arn", parts[1].hasPrefix("aws"), !parts[5].isEmpty else {
            throw .malformed
        }
        let isHere = parts[3] == region && parts[4] == accountID
        switch parts[2] {
        case "lambda":
            guard (7...8).contains(parts.count), parts[5] == "function", !parts[6].isEmpty else {
                throw .malformed
            }
            guard isHere else { throw .elsewhere }
            self = .function(name: parts[6], qualifier: parts.count == 8 ? parts[7] : nil)
        case "s3":
            guard parts.count == 6 else { throw .malformed }
            self = .bucket(parts[5])
        case "sqs":
            guard parts.count == 6 else { throw .malformed }
            guard isHere else { throw .elsewhere }
            self = .queue(parts[5])
        case "sns": throw .unsupported("SNS topics")
        case "events": throw .unsupported("EventBridge buses")
        default: throw .unknownService
        }
    }
}
