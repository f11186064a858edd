import Bytes
import Digests
import HTTPClient
import JSON
import Net
import StackTemplate

/// Something that differs between the manifest and what is at an endpoint, and how it is made the same.
struct EndpointChange: Sendable {
    enum Kind: String, Sendable { case create, update }

    let kind: Kind
    /// `function health`, `table mumble`.
    let thing: String
    /// What differs, a line each; empty for new things.
    let details: [String]
    let apply: @Sendable () async throws -> Void

    var json: JSONValue {
        [
            "change": .string(kind.rawValue), "thing": .string(thing),
            "details": .array(details.map { .string($0) }),
        ]
    }
}

/// What an emulator lacks of a manifest and its packages. Stages are not told apart there: names are the manifest's.
struct EndpointPlan: Sendable {
    let manifest: Manifest
    let stage: Stage
    let packages: String
    let client: EndpointClient
    let environment: [String: String]

    init(_ options: StageOptions, endpoint: String, environment: [String: String]) throws(CommandFailure) {
        manifest = options.manifest
        stage = Stage(options.stage, of: options.manifest.document)
        packages = options.packages
        client = try EndpointClient(endpoint, manifest: options.manifest, environment: environment)
        self.environment = environment
    }

    /// Everything that a deployment would do, in its order. Each part is asked for when those before it are made.
    var parts: [@Sendable () async throws -> [EndpointChange]] {
        [
            { try await tables() }, { try await buckets() }, { try await functions() },
            { try await notifications() }, { try await eventSources() },
        ]
    }

    // MARK: - Functions

    @Sendable private func functions() async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        for function in manifest.functions {
            if function.layer != nil {
                throw CommandFailure(
                    .invalidData,
                    "Function '\(function.name)' has a layer, which is not uploaded to an emulator; "
                        + "start that one without --deployed.")
            }
            let zip = try package(function)
            let path = "/2015-03-31/functions/\(function.name)/configuration"
            let answer = try await client.lambda("GET", path, accepted: [404])
            if answer.status == 404 {
                changes.append(create(function, zip))
            } else if let known = answer.json {
                changes += try await update(function, zip, known)
            }
        }
        return changes
    }

    private func package(_ function: Manifest.Function) throws(CommandFailure) -> [UInt8] {
        let path = "\(packages)/\(function.name).zip"
        do { return try Files.readFile(path, limit: 64 << 20) } catch {
            throw CommandFailure(
                .missingInput,
                "\(path) cannot be read (\(error)); run 'emulator package' first, or use --packages.")
        }
    }

    /// Members of CreateFunction and UpdateFunctionConfiguration.
    private func configuration(_ function: Manifest.Function) -> JSONObject {
        let own = stage.settings(of: function.name)
        var variables = FunctionEnvironment(
            manifest: manifest, awsPort: client.url.port, host: environment,
            address: "\(client.url.scheme)://\(client.url.hostHeader)", ofStage: Self.texts(stage.environment)
        ).variables(for: function)
        variables.merge(Self.texts(own?["environment"]?.object ?? [:])) { $1 }
        var configuration: JSONObject = [
            "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Role": .string("arn:aws:iam::\(manifest.accountID):role/\(function.name)"),
            "MemorySize": own?["memorySize"] ?? .number(.init(function.memorySize)),
            "Timeout": own?["timeout"] ?? .number(.init(function.timeout)),
            "EphemeralStorage": ["Size": .number(.init(function.settings.ephemeralStorage))],
            "Environment": [
                "Variables": .object(
                    JSONObject(variables.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
            ],
        ]
        if let queue = function.deadLetterQueue {
            configuration["DeadLetterConfig"] = ["TargetArn": .string(Emulator.arn(ofQueue: queue, manifest))]
        }
        let logging = function.settings.logging
        var settings: JSONObject = ["LogFormat": .string(logging.format.rawValue)]
        if logging.format == .json {
            settings["ApplicationLogLevel"] = .string(logging.applicationLevel.rawValue)
            settings["SystemLogLevel"] = .string(logging.systemLevel.rawValue)
        }
        configuration["LoggingConfig"] = .object(settings)
        return configuration
    }

    private static func texts(_ object: JSONObject) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in object { texts[name] = value.string }
        return texts
    }

    private func create(_ function: Manifest.Function, _ zip: [UInt8]) -> EndpointChange {
        EndpointChange(kind: .create, thing: "function \(function.name)", details: []) {
            var document = configuration(function)
            document["FunctionName"] = .string(function.name)
            document["Code"] = ["ZipFile": .string(Base64.encode(zip))]
            try await client.lambda("POST", "/2015-03-31/functions", .object(document))
            try await settle(function.name)
            try await reserve(function)
        }
    }

    private func reserve(_ function: Manifest.Function) async throws {
        let count =
            stage.settings(of: function.name)?["reservedConcurrency"]?.int ?? function.reservedConcurrency
        try await client.lambda(
            "PUT", "/2017-10-31/functions/\(function.name)/concurrency",
            ["ReservedConcurrentExecutions": .number(.init(count))])
    }

    private func update(
        _ function: Manifest.Function, _ zip: [UInt8], _ known: JSONValue
    ) async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        let name = function.name
        let digest = Base64.encode(SHA256.hash(zip))
        if known["CodeSha256"]?.string != digest {
            let details = ["code: \(known["CodeSha256"]?.string ?? "?") becomes \(digest)"]
            changes.append(
                EndpointChange(kind: .update, thing: "function \(name)", details: details) {
                    try await client.lambda(
                        "PUT", "/2015-03-31/functions/\(name)/code", ["ZipFile": .string(Base64.encode(zip))])
                    try await settle(name)
                })
        }
        let wanted = configuration(function)
        let details = Self.differences(wanted, known)
        if !details.isEmpty {
            changes.append(
                EndpointChange(kind: .update, thing: "function \(name)", details: details) {
                    try await client.lambda(
                        "PUT", "/2015-03-31/functions/\(name)/configuration", .object(wanted))
                    try await settle(name)
                })
        }
        return changes + (try await concurrency(function))
    }

    private func concurrency(_ function: Manifest.Function) async throws -> [EndpointChange] {
        let count =
            stage.settings(of: function.name)?["reservedConcurrency"]?.int ?? function.reservedConcurrency
        let answer = try await client.lambda("GET", "/2019-09-30/functions/\(function.name)/concurrency")
        let known = answer.json?["ReservedConcurrentExecutions"]?.int
        guard known != count else { return [] }
        let detail = "ReservedConcurrentExecutions: \(known.map { "\($0)" } ?? "none") becomes \(count)"
        return [
            EndpointChange(kind: .update, thing: "function \(function.name)", details: [detail]) {
                try await reserve(function)
            }
        ]
    }

    /// Until a new function can be called, and an update has ended.
    private func settle(_ name: String) async throws {
        for _ in 0..<1_200 {
            let answer = try await client.lambda("GET", "/2015-03-31/functions/\(name)/configuration")
            let state = answer.json?["State"]?.string ?? "Active"
            let update = answer.json?["LastUpdateStatus"]?.string ?? "Successful"
            if state == "Failed" || update == "Failed" {
                let reason =
                    answer.json?["StateReason"]?.string ?? answer.json?["LastUpdateStatusReason"]?.string
                throw CommandFailure(
                    .failure, "Function '\(name)' failed: \(reason ?? "no reason was given").")
            }
            if state != "Pending", update != "InProgress" { return }
            await sleep(milliseconds: 100)
        }
        throw CommandFailure(.unavailable, "Function '\(name)' was not ready within two minutes.")
    }

    /// A line for each place where what is wanted is not there. Values of variables are nobody's business.
    static func differences(_ wanted: JSONObject, _ known: JSONValue?) -> [String] {
        var lines: [String] = []
        for (key, value) in wanted {
            let old = known?[key]
            if let object = value.object {
                if key == "Variables" {
                    lines += variables(object, old?.object ?? [:])
                } else {
                    lines += differences(object, old).map { "\(key).\($0)" }
                }
            } else if old != value {
                lines.append("\(key): \(old?.encodedString() ?? "none") becomes \(value.encodedString())")
            }
        }
        return lines
    }

    private static func variables(_ wanted: JSONObject, _ known: JSONObject) -> [String] {
        let changed = wanted.filter { known[$0.key] != $0.value }.map { pair in
            "Variables.\(pair.key): \(known[pair.key] == nil ? "new" : "another value")"
        }
        return changed + known.keys.filter { wanted[$0] == nil }.map { "Variables.\($0): removed" }
    }
}
