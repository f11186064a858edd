import Bytes
import Digests
import Glibc
import HTTPTypes
import JSON

/// AWS JSON 1.0: one POST per operation, and the only place where its errors become bytes.
enum JSONServiceDispatch {
    /// Largest request body, bytes (Amazon DynamoDB, "Service quotas": 16 MB requests).
    static let maxBodyBytes: Int64 = 16 << 20

    /// Request line and header fields, bytes; AWS's front end takes no more.
    static let maxHeadBytes = 16 << 10

    /// Smaller answers are never compressed.
    private static let compressedFromBytes = 2048

    /// Levels of a request body. An item may have 32 levels of two JSON objects each; the rest is room for
    /// telling an item that is too deep from text that is no JSON.
    static let limits = JSONLimits(maxDepth: 512)

    private static let protocolNamespace = "com.amazon.coral.service"

    /// AWS spells the key with a capital only for these.
    private static let codesWithCapitalMessage: Set<String> = [
        "SerializationException", "TransactionCanceledException", "IdempotentParameterMismatchException",
        "AccessDeniedException",
    ]

    private static let usualMediaType = "application/x-amz-json-1.0"
    private static let mediaTypes = [usualMediaType, "application/json"]

    static func respond(
        to request: HTTPRequest, service: JSONService, context: AWSContext
    ) async -> HTTPResponse {
        do throws(AWSError) {
            let input = JSONInput(request.body.bytes ?? [])
            guard let operation = request.headers["X-Amz-Target"].flatMap(service.operation(in:)),
                service.knows(operation)
            else {
                // Text that is no JSON is told before an operation that there is not.
                _ = try input.object()
                throw AWSError(code: "UnknownOperationException", namespace: protocolNamespace)
            }
            let output = try await service.answer(operation, input, context)
            return encode(output, status: 200, request: request, context: context)
        } catch {
            return encode(error, service: service, request: request, context: context)
        }
    }

    /// As `respond`, for an operation that is known; nil when it has to wait.
    static func respondAtOnce(
        to request: HTTPRequest, _ operation: String, _ answer: JSONService.ImmediateAnswer,
        service: JSONService, context: AWSContext
    ) -> HTTPResponse? {
        do throws(AWSError) {
            guard let output = try answer(operation, JSONInput(request.body.bytes ?? [])) else { return nil }
            return encode(output, status: 200, request: request, context: context)
        } catch {
            return encode(error, service: service, request: request, context: context)
        }
    }

    /// Whether AWS would answer a request of this form at all; it knows only POST with its media types.
    static func accepts(_ request: HTTPRequest) -> Bool {
        request.method == "POST" && mediaType(of: request) != nil
    }

    /// What AWS sends for a path, method or media type that it does not know.
    static func unknownRequest(_ context: AWSContext) -> HTTPResponse {
        plain(404, "<UnknownOperationException/>\n", context)
    }

    /// An answer without a media type. Clients check its CRC like any other's.
    static func plain(_ status: Int, _ text: String, _ context: AWSContext) -> HTTPResponse {
        let body = text.bytes
        return HTTPResponse(
            status: status,
            headers: HTTPHeaders([
                ("Server", "Server"), ("x-amzn-RequestId", context.requestID),
                ("x-amz-crc32", String(CRC32.checksum(body))),
            ]),
            body: body.isEmpty ? .empty : .bytes(body))
    }

    /// The body as the client meant it: its `Content-Encoding` taken off. The signature covers what was sent, so
    /// this comes after it.
    /// - Throws: `malformed` also for a coding that is neither `gzip` nor `deflate`.
    static func expand(_ request: inout HTTPRequest) throws(Gzip.Failure) {
        guard let coding = request.headers["Content-Encoding"], !coding.isEmpty,
            !HTTPHeaders.sameName(coding, "identity"), let bytes = request.body.bytes
        else { return }
        guard let format = Gzip.Format(contentCoding: coding) else { throw .malformed }
        request.body = .bytes(try Gzip.decompress(bytes, as: format, limit: Int(maxBodyBytes)))
    }

    /// AWS's answer to a body that does not have the coding it names. The text is ours.
    static let unreadableCoding = AWSError(
        code: "InternalServerError", status: 500, message: "The body does not have its Content-Encoding")

    /// AWS gives no reason for text that is no JSON object.
    static let malformed = AWSError(code: "SerializationException", namespace: protocolNamespace)

    static func encode(
        _ error: AWSError, service: JSONService, request: HTTPRequest, context: AWSContext
    ) -> HTTPResponse {
        var body = JSONObject()
        body.append("__type", .string("\(error.namespace ?? service.namespace(error.code))#\(error.code)"))
        if let message = error.message {
            body.append(
                codesWithCapitalMessage.contains(error.code) ? "Message" : "message", .string(message))
        }
        for member in error.members { body.append(member.key, member.value) }
        var response = encode(
            JSONValue.object(body).encoded(), status: error.status, request: request, context: context)
        for header in error.headers { response.headers.add(header.name, header.value) }
        return response
    }

    private static func encode(
        _ body: [UInt8], status: Int, request: HTTPRequest, context: AWSContext
    ) -> HTTPResponse {
        var body = body
        var headers = HTTPHeaders()
        headers.reserveCapacity(5)
        headers.add("Server", "Server")
        headers.add("Content-Type", mediaType(of: request) ?? "application/x-amz-json-1.0")
        headers.add("x-amzn-RequestId", context.requestID)
        if body.count >= compressedFromBytes, takesGzip(request), let short = Gzip.compress(body) {
            body = short
            headers.add("Content-Encoding", "gzip")
        }
        // Of the bytes sent, which is what Go's and Java's clients check.
        headers.add("x-amz-crc32", String(CRC32.checksum(body)))
        return HTTPResponse(status: status, headers: headers, body: .bytes(body))
    }

    /// Whether `Accept-Encoding` names gzip without ruling it out (RFC 9110, section 12.5.3).
    private static func takesGzip(_ request: HTTPRequest) -> Bool {
        request.headers.values("Accept-Encoding").contains { value in
            value.lowercased().split(separator: ",").contains { coding in
                let parts = coding.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
                guard let name = parts.first, name == "gzip" || name == "*" else { return false }
                return !parts.dropFirst().contains {
                    $0.hasPrefix("q=") && (Double($0.dropFirst(2)) ?? 0) == 0
                }
            }
        }
    }

    private static func isUsual(_ sent: UnsafeRawBufferPointer) -> Bool {
        var usual = usualMediaType
        return usual.withUTF8 { usual in
            guard sent.count == usual.count, let a = sent.baseAddress, let b = usual.baseAddress else {
                return false
            }
            return memcmp(a, b, sent.count) == 0
        }
    }

    /// The answer carries the media type of the question.
    private static func mediaType(of request: HTTPRequest) -> String? {
        if request.headers.withValue(of: "Content-Type", isUsual) == true { return usualMediaType }
        guard let sent = request.headers["Content-Type"] else { return nil }
        if let plain = mediaTypes.first(where: { HTTPHeaders.sameName($0, sent) }) { return plain }
        let semicolon = sent.utf8.firstIndex(of: UInt8(ascii: ";")) ?? sent.endIndex
        let name = String(sent[..<semicolon])
        return mediaTypes.first { HTTPHeaders.sameName($0, name) }
    }
}
