import Gateway

/// Stages, their limits and their logs.
extension ManifestReader {
    private static let stageFields = ["variables", "throttling", "routeThrottling", "accessLog"]

    /// `$default` alone when none are named.
    func stages(
        _ api: ManifestNode, _ routes: [HTTPAPIRoute]
    ) throws(ManifestError) -> [(stage: HTTPAPIStage, log: Manifest.AccessLogDeclaration?)] {
        let throttling = try throttling(api["defaultThrottling"])
        let log = try accessLog(api["accessLog"])
        guard let list = api["stages"] else { return [(HTTPAPIStage(throttling: throttling), log)] }
        var stages: [(stage: HTTPAPIStage, log: Manifest.AccessLogDeclaration?)] = []
        for (name, node) in try list.object() {
            _ = try node.object(known: Self.stageFields)
            if name != "$default" { try Self.checkStageName(name, node) }
            var own: [String: ThrottlingLimits] = [:]
            for (key, limits) in try node["routeThrottling"]?.object() ?? [] {
                guard routes.contains(where: { $0.key == key }) else {
                    throw limits.failure("is not the key of a route under 'routes'.")
                }
                own[key] = try self.throttling(limits)
            }
            let stage = HTTPAPIStage(
                name: name,
                variables: Dictionary(
                    try stageVariables(node["variables"]).map { ($0.name, $0.value) },
                    uniquingKeysWith: { _, last in last }),
                throttling: try self.throttling(node["throttling"]) ?? throttling, routeThrottling: own)
            stages.append((stage, try accessLog(node["accessLog"]) ?? log))
        }
        guard !stages.isEmpty else { throw list.failure("names no stage; name one, or drop the field.") }
        return stages
    }

    static func checkStageName(_ name: String, _ node: ManifestNode) throws(ManifestError) {
        guard (1...128).contains(name.utf8.count),
            name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "_" })
        else { throw node.failure("is not a stage's name: write 1 to 128 letters, digits, '-' and '_'.") }
    }

    /// At most 100, of the characters that AWS allows; in the manifest's order.
    func stageVariables(_ node: ManifestNode?) throws(ManifestError) -> [(name: String, value: String)] {
        guard let node else { return [] }
        var variables: [(name: String, value: String)] = []
        for (name, member) in try node.object() {
            guard !name.isEmpty, name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" }) else {
                throw member.failure("is not a stage variable's name: write letters, digits and '_'.")
            }
            guard let text = member.value.string else {
                throw member.failure("has to be a string in double quotes.")
            }
            guard text.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "-._~:/?#&=,".contains($0) })
            else {
                throw member.failure("may hold letters, digits and -._~:/?#&=, only, as on AWS.")
            }
            variables.append((name, text))
        }
        guard variables.count <= 100 else { throw node.failure("holds \(variables.count); AWS allows 100.") }
        return variables
    }

    func throttling(_ node: ManifestNode?) throws(ManifestError) -> ThrottlingLimits? {
        guard let node else { return nil }
        _ = try node.object(known: ["rateLimit", "burstLimit"])
        let rate = try node.required("rateLimit")
        guard let limit = rate.value.double, limit >= 0 else {
            throw rate.failure("has to be a number of requests a second, 0 or more.")
        }
        return ThrottlingLimits(
            rateLimit: limit,
            burstLimit: try node.required("burstLimit").integer(0...Int(Int32.max), unit: "requests"))
    }

    /// AWS's own numbers where it names none.
    func accountThrottling(_ node: ManifestNode?) throws(ManifestError) -> ThrottlingLimits? {
        guard let node else { return nil }
        return try node.object().isEmpty ? .ofAccount : throttling(node)
    }

    func accessLog(_ node: ManifestNode?) throws(ManifestError) -> Manifest.AccessLogDeclaration? {
        guard let node else { return nil }
        _ = try node.object(known: ["format", "file"])
        let format = try node.required("format")
        let text = try format.string()
        do {
            return .init(format: try AccessLogFormat(text), file: try node["file"]?.string())
        } catch let error as RouteError {
            throw format.failure(error.description)
        } catch let error as ManifestError {
            throw error
        } catch {
            throw format.failure("\(error)")
        }
    }
}
