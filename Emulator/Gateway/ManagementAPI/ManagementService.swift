import AWSProtocol
import Bytes
import Clock
import HTTPTypes
import JSON

/// The reading calls of `apigateway` and `apigatewayv2`, which share a signing name: what the manifest declares, as
/// AWS would describe it. What would change it is refused, for the manifest is the only source.
struct ManagementService: Sendable {
    private let first: ManagedResource
    private let second: ManagedResource
    private let accountID: String
    private let flush: Flush

    /// Whether the API has the stage, and the stage such a cache.
    typealias Flush = @Sendable (_ cache: StageCache, _ api: String, _ stage: String, _ isREST: Bool) -> Bool

    /// - Parameter accountLimits: of all APIs together, as GetAccount shows them.
    init(
        _ models: [APIModel], region: String, accountID: String, created: Timestamp,
        accountLimits: ThrottlingLimits = .ofAccount, flush: @escaping Flush = { _, _, _, _ in false }
    ) {
        let names = AWSNames(region: region, accountID: accountID)
        first = APIGatewayV1(names: names, created: created, accountLimits: accountLimits).resources(models)
        second = APIGatewayV2(names: names, created: created).resources(models)
        self.accountID = accountID
        self.flush = flush
    }

    private static let roots = [
        "v2", "restapis", "apikeys", "usageplans", "account", "domainnames", "vpclinks", "clientcertificates",
        "tags", "sdktypes",
    ]

    var restService: RESTService {
        RESTService(
            signingName: "apigateway", style: .lambda,
            // Unsigned requests to such a path may as well be for a bucket of that name.
            matches: { _ in false },
            handle: { request, _ in answer(request) },
            encodeError: { error, _, _ in
                Self.refusal(error.status, error.code, error.message ?? error.code)
            })
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        var parts: [String] = []
        for part in request.path.split(separator: "/") {
            guard let text = PercentEncoding.decode(String(part)) else {
                return Self.refusal(400, "BadRequestException", "Invalid request path")
            }
            parts.append(text)
        }
        guard let root = parts.first, Self.roots.contains(root) else {
            return ConnectionsError.missingAuthenticationToken
        }
        if request.method == "DELETE", let answer = flushed(parts) { return answer }
        guard request.method == "GET" else {
            return Self.refusal(
                400, "BadRequestException",
                "APIs are declared in the emulator's manifest: change it there, and start again.")
        }
        let isSecond = root == "v2"
        if parts.contains("tags"), parts.count <= 3 { return .json(200, ["tags": .object(JSONObject())]) }
        switch isSecond ? second.find(parts.dropFirst()) : first.find(parts[...]) {
        case .resource(let resource):
            guard let document = Self.shown(resource, Query.parse(request.rawQuery)) else {
                return ConnectionsError.missingAuthenticationToken
            }
            return .json(200, .object(document))
        case .list(let collection): return list(collection, Query.parse(request.rawQuery), isSecond: isSecond)
        case .unknown(let collection, let id): return unknown(collection, id, isSecond: isSecond)
        case .nothing: return ConnectionsError.missingAuthenticationToken
        }
    }

    /// FlushStageCache, FlushStageAuthorizersCache and ResetAuthorizersCache; nil for another call.
    private func flushed(_ parts: [String]) -> HTTPResponse? {
        let isSecond = parts.first == "v2"
        let path = isSecond ? parts.dropFirst() : parts[...]
        guard path.count == 6, path.first == (isSecond ? "apis" : "restapis"),
            path[path.startIndex + 2] == "stages", path[path.startIndex + 4] == "cache",
            let cache = ["data": StageCache.responses, "authorizers": .authorizers][path.last ?? ""],
            cache == .authorizers || !isSecond
        else { return nil }
        let (api, stage) = (path[path.startIndex + 1], path[path.startIndex + 3])
        guard flush(cache, api, stage, !isSecond) else {
            return Self.refusal(404, "NotFoundException", "Invalid stage identifier specified")
        }
        return HTTPResponse(status: isSecond ? 204 : 202)
    }

    private func unknown(_ collection: ManagedCollection, _ id: String, isSecond: Bool) -> HTTPResponse {
        let named = collection.kind == "API" ? "\(accountID):\(id)" : id
        let kind = isSecond || collection.kind != "Stage" ? collection.kind : "stage"
        let text = "Invalid \(kind) identifier specified" + (collection.namesUnknown ? " \(named)" : "")
        return Self.refusal(404, "NotFoundException", text)
    }

    /// A page. The token of the next one says where it begins.
    private func list(_ collection: ManagedCollection, _ query: [QueryItem], isSecond: Bool) -> HTTPResponse {
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        let limit = value(isSecond ? "maxResults" : "limit")
        let token = value(isSecond ? "nextToken" : "position")
        guard let start = token.map({ Int($0) }) ?? 0, (0...collection.items.count).contains(start) else {
            return Self.refusal(400, "BadRequestException", "Invalid position parameter")
        }
        // The first service's pages hold 25 at least, or as many as are asked for up to 500.
        guard let size = limit.map({ Int($0) }) ?? (isSecond ? collection.items.count : 25),
            size > 0 || limit == nil, isSecond || size <= 500
        else { return Self.refusal(400, "BadRequestException", "Invalid limit parameter") }
        let end = start + min(collection.items.count - start, max(1, size))
        var documents: [JSONValue] = []
        for item in collection.items[start..<end] {
            if let document = Self.shown(item.resource, query) { documents.append(.object(document)) }
        }
        var page = JSONObject()
        page.append(isSecond ? "items" : "item", .array(documents))
        if end < collection.items.count {
            page.append(isSecond ? "nextToken" : "position", .string(String(end)))
        }
        return .json(200, .object(page))
    }

    /// A resource as a call shows it: with its methods, if asked, and keys without what opens the door, unless asked.
    private static func shown(_ resource: ManagedResource, _ query: [QueryItem]) -> JSONObject? {
        guard var document = resource.document else { return nil }
        let isEmbedding = query.contains { $0.name == "embed" && $0.value == "methods" }
        if isEmbedding, let methods = resource.collections["methods"], !methods.items.isEmpty {
            document["resourceMethods"] = .object(
                JSONObject(methods.items.map { ($0.id, .object($0.resource.document ?? JSONObject())) }))
        }
        let isAsked = query.contains {
            ["includeValue", "includeValues"].contains($0.name) && $0.value == "true"
        }
        // Keys of a usage plan are shown with their values, as at AWS; only API keys know stages.
        if document["stageKeys"] != nil, !isAsked { document["value"] = nil }
        return document
    }

    private static func refusal(_ status: Int, _ type: String, _ message: String) -> HTTPResponse {
        ConnectionsError.refusal(status, type, ["message": .string(message)])
    }
}
