import JSON

/// What a manifest says of an API and OpenAPI has no place for, not even with API Gateway's extensions. It stands in
/// `x-mumble-*`, word for word as in the manifest, and is read from there again; AWS passes over such members.
enum OwnExtensions {
    private typealias Names = [(field: String, member: String)]

    private static let ofAPI: Names = [
        ("stages", "x-mumble-stages"), ("accessLog", "x-mumble-access-log"),
        ("defaultThrottling", "x-mumble-default-throttling"), ("limits", "x-mumble-limits"),
    ]
    private static let ofRoute: Names = [
        ("throttling", "x-mumble-throttling"), ("canary", "x-mumble-canary"),
    ]
    private static let ofAuthorizer: Names = [
        ("jwksUri", "x-mumble-jwks-uri"), ("jwksFile", "x-mumble-jwks-file"),
    ]

    /// The members of a document for what its API declares.
    static func members(of model: APIModel) -> JSONObject { write(model.declared, ofAPI) }

    static func members(of route: APIModel.Route, in model: APIModel) -> JSONObject {
        let declared = model.declared["routes"]?.array?.first { $0["route"]?.string == route.key }
        return write(declared?.object ?? JSONObject(), ofRoute)
    }

    static func members(of authorizer: APIModel.Authorizer, in model: APIModel) -> JSONObject {
        write(model.declared["authorizers"]?[authorizer.name]?.object ?? JSONObject(), ofAuthorizer)
    }

    /// Puts what a document says of its API where the manifest has it.
    static func readAPI(_ document: JSONObject, into api: inout JSONObject) {
        read(document, ofAPI, into: &api)
    }

    static func readRoute(_ operation: JSONObject, into route: inout JSONObject) {
        read(operation, ofRoute, into: &route)
    }

    static func readAuthorizer(_ details: JSONObject, into authorizer: inout JSONObject) {
        read(details, ofAuthorizer, into: &authorizer)
    }

    private static func write(_ declared: JSONObject, _ names: Names) -> JSONObject {
        JSONObject(names.compactMap { name in declared[name.field].map { (name.member, $0) } })
    }

    private static func read(_ members: JSONObject, _ names: Names, into declared: inout JSONObject) {
        for name in names {
            if let value = members[name.member] { declared[name.field] = value }
        }
    }
}
