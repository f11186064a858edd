import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// A request to one operation of the Lambda API: its path's parameters, its query and its document.
struct LambdaRequest: Sendable {
    /// What a CreateFunction request may weigh at most; a longer document never gets here.
    static let maximumDocumentBytes = 70_167_211
    /// Documents from here on are read off the event loop.
    static let longDocument = 256 << 10

    let http: HTTPRequest
    let context: AWSContext
    /// Percent-decoded, by the names that the operation's path gives them.
    let parameters: [String: String]
    private let items: [QueryItem]

    init(http: HTTPRequest, context: AWSContext, parameters: [String: String]) {
        self.http = http
        self.context = context
        self.parameters = parameters
        items = Query.parse(http.rawQuery, plusIsSpace: false)
    }

    /// The part of the path with this name, percent-decoded.
    func path(_ name: String) -> String { parameters[name] ?? "" }

    /// The first value of a query parameter; nil when there is none.
    func query(_ name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of a query parameter, in order.
    func queries(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// The document of the request; empty when there is none.
    /// - Throws: `SerializationException` for what is no JSON object.
    func document() async throws(AWSError) -> JSONObject {
        let body = http.body
        if body.length == 0 { return JSONObject() }
        let value: JSONValue?
        do {
            if let bytes = body.bytes, bytes.count < Self.longDocument {
                value = Self.parse(bytes)
            } else {
                value = try await runBlocking { Self.parse(try body.bytes ?? body.readAll()) }
            }
        } catch {
            throw LambdaError.service("The request could not be read: \(error)")
        }
        guard let value else { throw LambdaError.serialization("Could not parse request body into json") }
        guard let object = value.object else {
            throw LambdaError.serialization("Start of structure or map found where not expected.")
        }
        return object
    }

    private static func parse(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONValue.parse(bytes, limits: JSONLimits(maxDepth: 64, maxBytes: maximumDocumentBytes))
    }

    // MARK: - Answers

    func answer(_ object: JSONObject, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/json", "x-amzn-RequestId": context.requestID],
            body: .bytes(JSONValue.object(object).encoded()))
    }

    /// 204.
    var noContent: HTTPResponse {
        HTTPResponse(status: 204, headers: ["x-amzn-RequestId": context.requestID])
    }
}
