import AWSProtocol
import Bytes
import HTTPTypes
import JSON

/// An Invoke call, checked as far as that is possible without knowing the functions.
struct InvokeRequest {
    enum Kind: String {
        case requestResponse = "RequestResponse"
        case event = "Event"
        case dryRun = "DryRun"

        /// Bytes of the event: 6 MiB, or 1 MiB when nobody waits (AWS: Lambda quotas).
        var limit: Int { self == .event ? 1_048_576 : LambdaService.maximumPayloadBytes }
    }

    /// AWS's limit for the header before decoding.
    private static let maximumClientContext = 3583

    var function: FunctionReference
    var qualifier: String?
    var kind: Kind
    var wantsTail: Bool
    var clientContext: String?
    var traceID: String?
    var cognitoIdentity: CognitoIdentity?
    var tenantID: String?
    /// A header of our own, which `emulator replay` sends.
    var isReplay: Bool

    /// - Parameters:
    ///   - name: the function's path segment, percent-decoded.
    ///   - kinds: those that the operation knows, in the order of AWS's message.
    init(
        name: String, _ request: HTTPRequest, kinds: [Kind] = [.event, .requestResponse, .dryRun]
    ) throws(AWSError) {
        function = try Self.reference(name)
        qualifier = try Self.qualifier(function, request)
        let kindText = request.headers["X-Amz-Invocation-Type"] ?? Kind.requestResponse.rawValue
        guard let kind = Kind(rawValue: kindText), kinds.contains(kind) else {
            let names = kinds.map(\.rawValue).joined(separator: ", ")
            throw LambdaError.validation(
                kindText, at: "invocationType", "satisfy enum value set: [\(names)]")
        }
        self.kind = kind
        let log = request.headers["X-Amz-Log-Type"] ?? "None"
        guard log == "None" || log == "Tail" else {
            throw LambdaError.validation(log, at: "logType", "satisfy enum value set: [None, Tail]")
        }
        wantsTail = log == "Tail" && kind == .requestResponse
        if let encoded = request.headers["X-Amz-Client-Context"], kind == .requestResponse {
            clientContext = try Self.clientContext(encoded)
        }
        // Named as by AWS's runtime supervisor: callers of AWS prove their identity by their credentials.
        cognitoIdentity = CognitoIdentity(
            identityID: request.headers["Cognito-Identity-Id"],
            identityPoolID: request.headers["Cognito-Identity-Pool-Id"])
        tenantID = request.headers["X-Amz-Tenant-Id"]
        isReplay = request.headers.contains("X-Mumble-Replay")
        traceID = request.headers["X-Amzn-Trace-Id"].flatMap { $0.contains("Root=") ? $0 : nil }
        guard request.body.length <= kind.limit else {
            throw LambdaError.tooLarge(
                bytes: request.body.length, limit: kind.limit, type: kind.rawValue)
        }
    }

    func options(_ context: AWSContext) -> InvokeOptions {
        var options = InvokeOptions(
            qualifier: qualifier, wantsLogTail: wantsTail, clientContext: clientContext,
            traceID: traceID ?? TraceID.make(at: context.now), requestID: context.requestID)
        options.cognitoIdentity = cognitoIdentity
        options.tenantID = tenantID
        options.isReplay = isReplay
        return options
    }

    static func reference(_ name: String) throws(AWSError) -> FunctionReference {
        guard let reference = FunctionReference(name) else {
            throw LambdaError.validation(
                name, at: "functionName",
                "satisfy regular expression pattern: \(FunctionTarget.Shape.namespaced.pattern)")
        }
        guard reference.name.utf8.count <= 64 else {
            throw LambdaError.validation(
                name, at: "functionName", "have length less than or equal to 64")
        }
        return reference
    }

    static func qualifier(
        _ function: FunctionReference, _ request: HTTPRequest
    ) throws(AWSError) -> String? {
        let query = Query.parse(request.rawQuery)
        guard let qualifier = query.first(where: { $0.name == "Qualifier" })?.value else {
            return function.qualifier
        }
        guard FunctionReference.isQualifier(qualifier) else {
            throw LambdaError.validation(
                qualifier, at: "qualifier",
                #"satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"#)
        }
        guard function.qualifier == nil || function.qualifier == qualifier else {
            throw LambdaError.invalidParameter(
                "The derived qualifier from the function name does not match the specified qualifier.")
        }
        return qualifier
    }

    private static func clientContext(_ encoded: String) throws(AWSError) -> String {
        guard encoded.utf8.count <= maximumClientContext else {
            throw LambdaError.invalidContent(
                "Client context exceeds the limit of \(maximumClientContext) bytes.")
        }
        guard let bytes = Base64.decode(encoded), (try? JSONValue.parse(bytes)) != nil else {
            throw LambdaError.invalidContent(
                "Client context must be a valid Base64-encoded JSON object.")
        }
        // A header value has to be one line: the runtime gets the context as compact JSON.
        return (try? JSONValue.parse(bytes))?.encodedString() ?? ""
    }

    /// The event; AWS refuses one that is not JSON, and turns an empty one into `{}`.
    static func event(_ body: HTTPBody) throws(AWSError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try body.readAll()
        } catch {
            throw LambdaError.service("The event could not be read: \(error)")
        }
        guard !bytes.isEmpty else { return Array("{}".utf8) }
        do throws(JSONError) {
            _ = try JSONValue.parse(bytes, limits: JSONLimits(maxDepth: 1000))
        } catch {
            throw LambdaError.invalidContent(
                "Could not parse request body into json: Could not parse payload into json: "
                    + problem(error, in: bytes))
        }
        return bytes
    }

    /// In the words of the JSON library behind AWS's front end.
    private static func problem(_ error: JSONError, in bytes: [UInt8]) -> String {
        let place = "\n at [Source: (byte[]); line: \(error.line), column: \(error.column)]"
        guard bytes.indices.contains(error.offset) else { return "Unexpected end-of-input" + place }
        let byte = bytes[error.offset]
        let character = (0x20...0x7e).contains(byte) ? String(UnicodeScalar(byte)) : "?"
        return "Unexpected character ('\(character)' (code \(byte))): \(error.reason)" + place
    }
}
