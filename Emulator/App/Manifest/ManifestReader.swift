import Gateway
import JSON
import Net
import Signing

/// Reads and validates `serverless-manifest.json`.
struct ManifestReader {
    static let largestFile = 4 << 20

    /// - Throws: `CommandFailure` with `missingInput` when the file is not there, `invalidData` when it is wrong.
    static func read(_ path: String) throws(CommandFailure) -> Manifest {
        let source: [UInt8]
        do {
            source = try Files.readFile(path, limit: largestFile)
        } catch {
            throw CommandFailure(
                .missingInput,
                "The manifest \(path) cannot be read (\(error)). Name another one with --manifest FILE.")
        }
        do {
            return try parse(source, path: path)
        } catch {
            throw CommandFailure(.invalidData, error.description)
        }
    }

    static func parse(_ source: [UInt8], path: String) throws(ManifestError) -> Manifest {
        let value: JSONValue
        do {
            value = try JSONValue.parse(source)
        } catch {
            throw ManifestError(
                file: path, line: error.line, field: "",
                problem: "this is not JSON: \(error.reason) (column \(error.column)).")
        }
        return try ManifestReader(root: ManifestNode(value: value, path: [], file: path, source: source))
            .manifest()
    }

    let root: ManifestNode

    private func manifest() throws(ManifestError) -> Manifest {
        _ = try root.object(known: [
            "$schema", "service", "region", "accountId", "credentials", "environment", "passEnvironment",
            "functions", "httpApi", "restApi", "webSocketApi", "accountThrottling", "backends", "tables",
            "buckets", "queues", "schedules", "deployment",
        ])
        let queues = try queues()
        let functions = try functions(queues.keys.sorted())
        let (tables, buckets) = (try tables(), try buckets(functions: functions))
        try checkDeployment(
            DeclaredNames(
                functions: functions.map(\.name), tables: tables.compactMap { $0["TableName"]?.string },
                buckets: buckets.map(\.name), queues: queues.keys.sorted()))
        let (service, region) = (try root.required("service").string(), try region())
        let accountID = try accountID()
        let manifest = Manifest(
            path: root.file,
            source: root.source,
            document: root.value,
            service: service,
            region: region,
            accountID: accountID,
            credentials: try credentials(),
            environment: try environment(root["environment"]),
            passEnvironment: try root["passEnvironment"]?.strings() ?? [],
            functions: functions,
            httpAPI: try httpAPI(functions.map(\.name)),
            restAPI: try restAPI(functions: functions.map(\.name), accountID: accountID, region: region),
            restAccessLogs: try restAccessLogs(),
            backends: try backends(),
            webSocketAPI: try webSocketAPI(
                functions, region: region, accountID: accountID, service: service),
            webSocketLogs: try webSocketLogs(root["webSocketApi"]),
            accountThrottling: try accountThrottling(root["accountThrottling"]),
            tables: tables,
            buckets: buckets,
            queues: queues,
            schedules: try schedules(functions.map(\.name)) + warmUps())
        try checkIDs(of: manifest)
        return manifest
    }

    /// An API is asked by its id, whatever its kind.
    private func checkIDs(of manifest: Manifest) throws(ManifestError) {
        let ids = [
            ("httpApi", manifest.httpAPI?.id), ("restApi", manifest.restAPI?.apiID),
            ("webSocketApi", manifest.webSocketAPI?.apiID),
        ]
        var known: [String: String] = [:]
        for case (let field, let id?) in ids {
            if let other = known[id] {
                throw (root[field]?["apiId"] ?? root[field] ?? root)
                    .failure("has the id '\(id)', as '\(other)' does; give one of them another.")
            }
            known[id] = field
        }
    }

    private func region() throws(ManifestError) -> String {
        guard let node = root["region"] else { return "us-east-1" }
        let region = try node.string()
        guard region.split(separator: "-").count >= 3 else {
            throw node.failure("is not an AWS region; write for example \"us-east-1\".")
        }
        return region
    }

    private func accountID() throws(ManifestError) -> String {
        guard let node = root["accountId"] else { return "000000000000" }
        let account = try node.string()
        guard account.utf8.count == 12, account.allSatisfy(\.isASCIIDigit) else {
            throw node.failure("has to be twelve digits, as \"000000000000\".")
        }
        return account
    }

    private func credentials() throws(ManifestError) -> Credentials {
        guard let node = root["credentials"] else {
            return Credentials(accessKeyID: "test", secretAccessKey: "test", sessionToken: nil)
        }
        _ = try node.object(known: ["accessKeyId", "secretAccessKey"])
        return Credentials(
            accessKeyID: try node.required("accessKeyId").string(),
            secretAccessKey: try node.required("secretAccessKey").string(), sessionToken: nil)
    }

    /// Lambda's own rule for names: `[a-zA-Z][a-zA-Z0-9_]+`; values are literal text, 4,096 bytes together.
    func environment(_ node: ManifestNode?) throws(ManifestError) -> [String: String] {
        guard let node else { return [:] }
        var result: [String: String] = [:]
        for (name, value) in try node.object() {
            let bytes = Array(name.utf8)
            guard bytes.count >= 2, name.first!.isASCIILetter,
                name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" })
            else {
                throw value.failure("is not a name Lambda accepts: a letter, then letters, digits or '_'.")
            }
            guard let text = value.value.string else { throw value.failure("has to be a string.") }
            result[name] = text
        }
        let size = result.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= 4_096 else {
            throw node.failure("holds \(size) bytes; Lambda allows 4,096, so move large values elsewhere.")
        }
        return result
    }

    private func functions(_ queues: [String]) throws(ManifestError) -> [Manifest.Function] {
        var result: [Manifest.Function] = []
        for (name, node) in try root.required("functions").object() {
            guard name.utf8.count <= 64, !name.isEmpty,
                name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "_" })
            else {
                throw node.failure("is not a function name: at most 64 letters, digits, '-' and '_'.")
            }
            _ = try node.object(
                known: [
                    "executable", "memorySize", "timeout", "reservedConcurrency", "environment", "layer",
                    "eventSources", "deadLetterQueue", "architecture", "permissions", "warmUp",
                ] + FunctionSettings.fields)
            if let queue = node["deadLetterQueue"] { try Self.check(queue, among: queues, "queues") }
            result.append(
                Manifest.Function(
                    name: name,
                    executable: try node["executable"]?.string() ?? name,
                    memorySize: try node["memorySize"]?.integer(128...10_240, unit: "MB") ?? 128,
                    timeout: try node["timeout"]?.integer(1...900, unit: "seconds") ?? 3,
                    reservedConcurrency: try node["reservedConcurrency"]?
                        .integer(0...1_000, unit: "execution environments") ?? 10,
                    environment: try environment(node["environment"]),
                    layer: try node["layer"]?.string(),
                    settings: try FunctionSettings(node),
                    eventSources: try eventSources(node, queues),
                    deadLetterQueue: try node["deadLetterQueue"]?.string()))
        }
        return result
    }
}

extension ManifestReader {
    private func tables() throws(ManifestError) -> [JSONObject] {
        guard let node = root["tables"] else { return [] }
        var tables: [JSONObject] = []
        for table in try node.list() {
            for field in ["TableName", "KeySchema", "AttributeDefinitions"] { _ = try table.required(field) }
            if let ttl = table["TimeToLive"] {
                _ = try ttl.object(known: ["AttributeName"])
                _ = try ttl.required("AttributeName").string()
            }
            _ = try table["PointInTimeRecovery"]?.bool()
            if let object = table.value.object { tables.append(object) }
        }
        return tables
    }

    private func buckets(functions: [Manifest.Function]) throws(ManifestError) -> [Manifest.Bucket] {
        guard let node = root["buckets"] else { return [] }
        var buckets: [Manifest.Bucket] = []
        for bucket in try node.list() {
            _ = try bucket.object(known: ["name", "cors", "website", "notifications", "lifecycle"])
            var rules: [Manifest.CORSRule] = []
            for rule in try bucket["cors"]?.list() ?? [] { rules.append(try corsRule(rule)) }
            buckets.append(
                Manifest.Bucket(
                    name: try bucket.required("name").string(), cors: rules,
                    website: try website(bucket["website"]),
                    notifications: try notifications(bucket, functions.map(\.name)),
                    lifecycle: try lifecycle(bucket["lifecycle"])))
        }
        return buckets
    }

    private func website(_ node: ManifestNode?) throws(ManifestError) -> Manifest.Website? {
        guard let node else { return nil }
        _ = try node.object(known: ["index", "error"])
        let index = try node["index"]?.string() ?? "index.html"
        guard !index.isEmpty, !index.contains("/") else {
            throw (node["index"] ?? node).failure("is not the name of a page: it must not contain '/'.")
        }
        return Manifest.Website(index: index, error: try node["error"]?.string())
    }

    private func corsRule(_ rule: ManifestNode) throws(ManifestError) -> Manifest.CORSRule {
        _ = try rule.object(known: [
            "allowedOrigins", "allowedMethods", "allowedHeaders", "exposeHeaders", "maxAgeSeconds",
        ])
        return Manifest.CORSRule(
            allowedOrigins: try rule.required("allowedOrigins").strings(),
            allowedMethods: try rule.required("allowedMethods").strings(),
            allowedHeaders: try rule["allowedHeaders"]?.strings() ?? [],
            exposeHeaders: try rule["exposeHeaders"]?.strings() ?? [],
            maxAgeSeconds: try rule["maxAgeSeconds"]?.integer(0...Int(Int32.max), unit: "seconds"))
    }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
    var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
