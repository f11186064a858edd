/// Resources and methods of a REST API, frozen.
struct RESTRouteTable: Sendable {
    private let routes: RouteTable
    private let methods: [String: RESTMethod]

    /// - Throws: `RouteError` for a key that names no method and path, and for methods that no request tells apart.
    init(_ methods: [RESTMethod]) throws(RouteError) {
        routes = try RouteTable(routes: methods.map { HTTPAPIRoute(key: $0.key, function: $0.key) })
        self.methods = Dictionary(methods.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    }

    func match(
        method: String, path: String
    ) -> (method: RESTMethod, pathParameters: [(name: String, value: String)])? {
        guard let match = routes.match(method: method, path: RESTAPI.routePath(path)),
            let found = methods[match.route.key]
        else {
            return nil
        }
        let parameters = match.pathParameters.sorted { $0.key < $1.key }
        return (found, parameters.map { ($0.key, $0.value) })
    }
}
