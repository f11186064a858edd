import Gateway

/// The manifest's `httpApi`.
extension ManifestReader {
    func routes(functions: [Manifest.Function]) throws(ManifestError) -> [HTTPAPIRoute] {
        guard let api = root["httpApi"] else { return [] }
        _ = try api.object(known: ["cors", "routes"])
        var routes: [HTTPAPIRoute] = []
        let names = functions.map(\.name)
        for node in try api.required("routes").list() {
            _ = try node.object(known: ["route", "function"])
            let function = try node.required("function").string()
            try Self.check(try node.required("function"), among: names)
            let route = HTTPAPIRoute(key: try node.required("route").string(), function: function)
            do {
                _ = try RouteTable(routes: routes + [route])
            } catch {
                throw try node.required("route").failure("cannot be used: \(error)")
            }
            routes.append(route)
        }
        return routes
    }

    func cors() throws(ManifestError) -> CORSConfiguration? {
        guard let node = root["httpApi"]?["cors"] else { return nil }
        _ = try node.object(known: [
            "allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials",
        ])
        let origins = try node["allowOrigins"]?.strings() ?? []
        let credentials = try node["allowCredentials"]?.bool() ?? false
        if credentials && origins.contains("*") {
            throw node.failure(
                "allows credentials for every origin, which AWS refuses; list the origins or drop allowCredentials."
            )
        }
        return CORSConfiguration(
            allowOrigins: origins,
            allowMethods: try node["allowMethods"]?.strings() ?? [],
            allowHeaders: try node["allowHeaders"]?.strings() ?? [],
            exposeHeaders: try node["exposeHeaders"]?.strings() ?? [],
            maxAge: try node["maxAge"]?.integer(-1...86_400, unit: "seconds"),
            allowCredentials: credentials)
    }
}
