import Bytes
import Clock
import Digests
import HTTPClient
import HTTPTypes
import JSON
import Signing

/// Whatever performs DynamoDB operations.
public protocol DynamoDBCalling: Sendable {
    /// - Parameters:
    ///   - operation: as the API reference names it, such as `PutItem`.
    ///   - input: the operation's input document.
    /// - Returns: the output document.
    func call(_ operation: String, _ input: JSONObject) throws(AWSServiceError) -> JSONValue

    /// As `call(_:_:)`; without `repeatsWhenUnsure` a failed call is repeated only when the service surely
    /// did not apply it, that is, after throttles and failures to connect. For what must not happen twice.
    ///
    /// Below this, ``HTTPClient`` still sends once more what a kept connection closed without a byte in reply.
    /// - Throws: an error whose `mayHaveBeenApplied` tells what is left open.
    func call(
        _ operation: String, _ input: JSONObject, repeatsWhenUnsure: Bool
    ) throws(AWSServiceError) -> JSONValue
}

extension DynamoDBCalling {
    /// For whatever does not repeat by itself.
    public func call(
        _ operation: String, _ input: JSONObject, repeatsWhenUnsure: Bool
    ) throws(AWSServiceError) -> JSONValue {
        try call(operation, input)
    }
}

/// DynamoDB over its JSON protocol (Amazon DynamoDB Developer Guide, "DynamoDB low-level API").
public final class DynamoDBClient: DynamoDBCalling {
    private let endpoint: URLParts
    private let hostHeader: String
    private let signer: SigV4Signer
    private let http: any HTTPSending
    private let clock: any WallClock
    private let retry: RetryPolicy

    public init(
        _ configuration: AWSConfiguration, http: any HTTPSending, clock: any WallClock = SystemClock(),
        retry: RetryPolicy = RetryPolicy()
    ) {
        endpoint = configuration.dynamoDBEndpoint
        hostHeader = endpoint.hostHeader
        signer = SigV4Signer(
            credentials: configuration.credentials, region: configuration.region, service: "dynamodb",
            style: .standard)
        self.http = http
        self.clock = clock
        self.retry = retry
    }

    public func call(_ operation: String, _ input: JSONObject) throws(AWSServiceError) -> JSONValue {
        try call(operation, input, repeatsWhenUnsure: true)
    }

    public func call(
        _ operation: String, _ input: JSONObject, repeatsWhenUnsure: Bool
    ) throws(AWSServiceError) -> JSONValue {
        let body = JSONValue.object(Self.idempotent(operation, input)).encoded()
        return try retry.run(whenUnsure: repeatsWhenUnsure) { () throws(AWSServiceError) in
            try attempt(operation, body)
        }
    }

    /// A transaction gets a token, so that a repetition whose first answer was lost is not applied twice.
    private static func idempotent(_ operation: String, _ input: JSONObject) -> JSONObject {
        guard operation == "TransactWriteItems", input["ClientRequestToken"] == nil else { return input }
        var copy = input
        copy["ClientRequestToken"] = .string(UUID4.make())
        return copy
    }

    private func attempt(_ operation: String, _ body: [UInt8]) throws(AWSServiceError) -> JSONValue {
        // Signed anew each time: after a wait the old date might be refused.
        var headers = HTTPHeaders()
        headers.reserveCapacity(16)
        headers.add("Host", hostHeader)
        headers.add("Content-Type", "application/x-amz-json-1.0")
        headers.add("X-Amz-Target", "DynamoDB_20120810." + operation)
        var request = HTTPRequest(
            method: "POST", target: endpoint.path, headers: headers, body: .bytes(body))
        signer.sign(&request, payload: .bytes(body), at: clock.now)
        let response: HTTPResponse
        do {
            response = try http.send(request, to: endpoint)
        } catch {
            throw AWSServiceError(transport: error)
        }
        return try Self.decode(response)
    }

    static func decode(_ response: HTTPResponse) throws(AWSServiceError) -> JSONValue {
        let body = response.body.bytes ?? []
        if let expected = response.headers["x-amz-crc32"], expected != String(CRC32.checksum(body)) {
            throw AWSServiceError(
                code: "CRC32CheckFailed", status: response.status,
                message: "the response does not match its x-amz-crc32 header", retryable: true,
                mayHaveBeenApplied: true)
        }
        let document = try? JSONValue.parse(body)
        guard response.status == 200 else { throw failure(response.status, document) }
        guard let document else {
            throw AWSServiceError(
                code: "InvalidResponse", status: 200, message: "the response is not JSON", retryable: false,
                mayHaveBeenApplied: true)
        }
        return document
    }

    private static func failure(_ status: Int, _ document: JSONValue?) -> AWSServiceError {
        let type = document?["__type"]?.string ?? "UnknownError"
        let code = type.split(separator: "#").last.map(String.init) ?? type
        // The service spells the key either way, depending on the error.
        let message = document?["message"]?.string ?? document?["Message"]?.string ?? ""
        return AWSServiceError(code: code, status: status, message: message, body: document)
    }
}
