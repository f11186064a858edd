import JSON

/// What only one of emulator and AWS can do keeps a manifest from being deployed: what runs there is what ran here.
struct Refusals {
    let manifest: JSONValue
    let stage: Stage

    func check() throws(Undeployable) {
        try checkService()
        try checkFunctions()
        try checkAddresses()
        try checkAPIs()
        if manifest["backends"] != nil {
            throw Undeployable(
                ["backends"],
                "asks for health checks, retries or circuit breakers, which API Gateway has not; remove it, or put a load balancer in front of the backend."
            )
        }
    }

    private func checkService() throws(Undeployable) {
        let service = manifest["service"]?.string ?? ""
        let isGood =
            service.utf8.count <= 100 && service.first?.isLetter == true
            && service.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        guard isGood else {
            throw Undeployable(
                ["service"],
                "cannot name a stack: a letter, then letters, digits and '-', 100 at most; rename the service."
            )
        }
    }

    private func checkFunctions() throws(Undeployable) {
        let names = Names(service: manifest["service"]?.string ?? "", stage: stage.name.rawValue)
        for (name, function) in manifest["functions"]?.object ?? [:] {
            let path = ["functions", name]
            guard names.function(name).utf8.count <= 64 else {
                throw Undeployable(
                    path,
                    "becomes '\(names.function(name))' on AWS, where 64 characters are allowed; shorten it.")
            }
            if (function["concurrencyPerEnvironment"]?.int ?? 1) > 1 {
                throw Undeployable(
                    path + ["concurrencyPerEnvironment"],
                    "cannot be deployed: environments on Lambda serve one invocation at a time; remove it.")
            }
            if function["freeze"]?.bool == false {
                throw Undeployable(
                    path + ["freeze"],
                    "cannot be false on AWS, where processes stop between invocations; remove it and try again here first."
                )
            }
            try checkProvisioned(name, function, path)
        }
    }

    private func checkProvisioned(_ name: String, _ function: JSONValue, _ path: [String])
        throws(Undeployable)
    {
        let own = stage.settings(of: name)
        let provisioned = (own?["provisionedConcurrency"] ?? function["provisionedConcurrency"])?.int ?? 0
        guard let reserved = (own?["reservedConcurrency"] ?? function["reservedConcurrency"])?.int else {
            return
        }
        guard provisioned <= reserved else {
            throw Undeployable(
                path,
                "has provisionedConcurrency \(provisioned) above reservedConcurrency \(reserved); Lambda refuses that, so lower one."
            )
        }
    }

    // MARK: - Addresses of this machine

    private func checkAddresses() throws(Undeployable) {
        try check(manifest["environment"], ["environment"])
        try check(.object(stage.environment), stage.path("environment"))
        for (index, name) in (manifest["passEnvironment"]?.array ?? []).enumerated() {
            try check(name: name.string ?? "", ["passEnvironment", "\(index)"])
        }
        for (name, function) in manifest["functions"]?.object ?? [:] {
            try check(function["environment"], ["functions", name, "environment"])
            try check(
                stage.settings(of: name)?["environment"], stage.path("functions", name, "environment"))
        }
        for api in ["httpApi", "restApi"] {
            for (index, route) in (manifest[api]?["routes"]?.array ?? []).enumerated() {
                let path = [api, "routes", "\(index)"]
                if let url = route["url"]?.string { try check(url, path + ["url"]) }
                if let url = route["integration"]?["uri"]?.string {
                    try check(url, path + ["integration", "uri"])
                }
            }
        }
    }

    private func check(_ variables: JSONValue?, _ path: [String]) throws(Undeployable) {
        for (name, value) in variables?.object ?? [:] {
            try check(name: name, path + [name])
            if let text = value.string { try check(text, path + [name]) }
        }
    }

    private func check(name: String, _ path: [String]) throws(Undeployable) {
        guard !Self.reserved.contains(name) else {
            throw Undeployable(path, "is a variable that Lambda sets itself; choose another name.")
        }
    }

    private func check(_ text: String, _ path: [String]) throws(Undeployable) {
        guard !Self.isOfThisMachine(text) else {
            throw Undeployable(
                path,
                "is an address of this machine, which nothing on AWS can reach; give another one for the stage."
            )
        }
    }

    static func isOfThisMachine(_ text: String) -> Bool {
        let hosts = ["127.", "localhost", "[::1]", "0.0.0.0"]
        return ["http://", "https://"].contains { scheme in
            hosts.contains { text.hasPrefix(scheme + $0) }
        }
    }

    /// "Defined runtime environment variables" of the Lambda Developer Guide, as far as they cannot be set.
    private static let reserved: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ]

    // MARK: - APIs

    private func checkAPIs() throws(Undeployable) {
        if manifest["accountThrottling"] != nil {
            throw Undeployable(
                ["accountThrottling"],
                "is a quota of the account on AWS, which no template sets; remove it, and ask AWS for that quota."
            )
        }
        for (index, route) in (manifest["httpApi"]?["routes"]?.array ?? []).enumerated()
        where route["function"]?.string?.contains("${stageVariables.") ?? false {
            throw Undeployable(
                ["httpApi", "routes", "\(index)", "function"],
                "has a stage variable in it, and functions have other names on AWS; give each stage routes of its own."
            )
        }
        for (name, authorizer) in manifest["httpApi"]?["authorizers"]?.object ?? [:] {
            for field in ["jwksUri", "jwksFile"] where authorizer[field] != nil {
                throw Undeployable(
                    ["httpApi", "authorizers", name, field],
                    "cannot be deployed: API Gateway takes keys from the issuer's own discovery document only; remove it."
                )
            }
            let issuer = authorizer["issuer"]?.string ?? "https://"
            guard issuer.hasPrefix("https://") else {
                throw Undeployable(
                    ["httpApi", "authorizers", name, "issuer"],
                    "has to be an https URL on AWS, where its discovery document is read from.")
            }
        }
        if let limits = manifest["webSocketApi"]?["limits"] {
            let usual: [(String, Int)] = [("idleSeconds", 600), ("totalSeconds", 7_200)]
            for (field, number) in usual where limits[field] != nil && limits[field]?.int != number {
                throw Undeployable(
                    ["webSocketApi", "limits", field], "is \(number) on AWS and cannot be changed; remove it."
                )
            }
            if limits["newConnections"] != nil {
                throw Undeployable(
                    ["webSocketApi", "limits", "newConnections"],
                    "is the account's limit on AWS, for all APIs together; remove it.")
            }
        }
        for (name, settings) in manifest["restApi"]?["stages"]?.object ?? [:] where settings["canary"] != nil
        {
            throw canary(["restApi", "stages", name, "canary"])
        }
        for (index, route) in (manifest["restApi"]?["routes"]?.array ?? []).enumerated()
        where route["canary"] != nil {
            throw canary(["restApi", "routes", "\(index)", "canary"])
        }
        try checkCacheSettings()
    }

    private func checkCacheSettings() throws(Undeployable) {
        let fields = ["requireAuthorizationForCacheControl", "unauthorizedCacheControlHeaderStrategy"]
        for (name, settings) in manifest["restApi"]?["stages"]?.object ?? [:] {
            for (method, own) in settings["methodSettings"]?.object ?? [:] {
                for field in fields where own[field] != nil {
                    throw Undeployable(
                        ["restApi", "stages", name, "methodSettings", method, field],
                        "is nothing that CloudFormation can set; remove it, and set it with 'aws apigateway update-stage'."
                    )
                }
            }
        }
    }

    private func canary(_ path: [String]) -> Undeployable {
        Undeployable(
            path,
            "sends requests to a legacy server by chance, which API Gateway cannot; remove it once the functions answer everything."
        )
    }
}
