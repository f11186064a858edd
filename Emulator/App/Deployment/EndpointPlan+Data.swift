import AWSProtocol
import Bytes
import JSON
import Net
import Objects

/// Tables, buckets and event sources at an endpoint.
extension EndpointPlan {
    @Sendable func tables() async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        for table in manifest.tables {
            let name = table["TableName"]?.string ?? ""
            let answer = try await client.dynamoDB(
                "DescribeTable", ["TableName": .string(name)], accepted: [400])
            guard answer.isGood, let known = answer.json?["Table"] else {
                changes.append(
                    EndpointChange(kind: .create, thing: "table \(name)", details: []) {
                        try await create(table, name)
                    })
                continue
            }
            if let keys = table["KeySchema"], known["KeySchema"] != keys {
                throw CommandFailure(
                    .invalidData,
                    "The table '\(name)' is there with other keys, which no update can change; delete it first."
                )
            }
            changes += try await switches(table, name)
        }
        return changes
    }

    private func create(_ table: JSONObject, _ name: String) async throws {
        var input = table
        for field in ["TimeToLive", "PointInTimeRecovery"] { input.removeValue(forKey: field) }
        try await client.dynamoDB("CreateTable", input)
        try await waitForTable(name)
        for change in try await switches(table, name) { try await change.apply() }
    }

    private func waitForTable(_ name: String) async throws {
        for _ in 0..<600 {
            let answer = try await client.dynamoDB("DescribeTable", ["TableName": .string(name)])
            if answer.json?["Table"]?["TableStatus"]?.string == "ACTIVE" { return }
            await sleep(milliseconds: 100)
        }
        throw CommandFailure(.unavailable, "The table '\(name)' was not ready within a minute.")
    }

    /// Expiry and point-in-time recovery, which have requests of their own.
    private func switches(_ table: JSONObject, _ name: String) async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        if let attribute = table["TimeToLive"]?["AttributeName"]?.string {
            let answer = try await client.dynamoDB("DescribeTimeToLive", ["TableName": .string(name)])
            if answer.json?["TimeToLiveDescription"]?["AttributeName"]?.string != attribute {
                changes.append(
                    EndpointChange(
                        kind: .update, thing: "table \(name)", details: ["TimeToLive: by '\(attribute)'"]
                    ) {
                        try await client.dynamoDB(
                            "UpdateTimeToLive",
                            [
                                "TableName": .string(name),
                                "TimeToLiveSpecification": [
                                    "Enabled": true, "AttributeName": .string(attribute),
                                ],
                            ])
                    })
            }
        }
        guard stage.recoversTables || table["PointInTimeRecovery"]?.bool == true else { return changes }
        let answer = try await client.dynamoDB("DescribeContinuousBackups", ["TableName": .string(name)])
        let status = answer.json?["ContinuousBackupsDescription"]?["PointInTimeRecoveryDescription"]?[
            "PointInTimeRecoveryStatus"]
        if status?.string != "ENABLED" {
            changes.append(
                EndpointChange(kind: .update, thing: "table \(name)", details: ["PointInTimeRecovery: on"]) {
                    try await client.dynamoDB(
                        "UpdateContinuousBackups",
                        [
                            "TableName": .string(name),
                            "PointInTimeRecoverySpecification": ["PointInTimeRecoveryEnabled": true],
                        ])
                })
        }
        return changes
    }

    // MARK: - Buckets

    @Sendable func buckets() async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        for bucket in manifest.buckets {
            let documents = Self.documents(of: bucket)
            let answer = try await client.s3("HEAD", "/\(bucket.name)", accepted: [404])
            if answer.status == 404 {
                changes.append(
                    EndpointChange(kind: .create, thing: "bucket \(bucket.name)", details: []) {
                        try await make(bucket.name)
                        for (kind, tree) in documents { try await put(tree, kind, bucket.name) }
                    })
                continue
            }
            for (kind, tree) in documents { changes += try await configuration(kind, tree, bucket.name) }
        }
        return changes
    }

    /// Functions that are told of objects, once they are there.
    @Sendable func notifications() async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        for bucket in manifest.buckets where !bucket.notifications.isEmpty {
            let rules = bucket.notifications.map { rule in
                XMLElement(
                    name: "CloudFunctionConfiguration",
                    children: [XMLElement(name: "CloudFunction", text: functionARN(rule.function))]
                        + rule.events.map { XMLElement(name: "Event", text: $0) } + Self.filter(rule))
            }
            let tree = XMLElement(name: "NotificationConfiguration", children: rules)
            changes += try await configuration("notification", tree, bucket.name)
        }
        return changes
    }

    private func functionARN(_ name: String) -> String {
        "arn:aws:lambda:\(manifest.region):\(manifest.accountID):function:\(name)"
    }

    private static func filter(_ rule: ObjectsService.NotificationInput) -> [XMLElement] {
        var rules: [XMLElement] = []
        for (name, value) in [("Prefix", rule.prefix), ("Suffix", rule.suffix)] {
            guard let value else { continue }
            rules.append(
                XMLElement(
                    name: "FilterRule",
                    children: [XMLElement(name: "Name", text: name), XMLElement(name: "Value", text: value)]))
        }
        return rules.isEmpty
            ? [] : [XMLElement(name: "Filter", children: [XMLElement(name: "S3Key", children: rules)])]
    }

    /// A change unless the bucket has this configuration already.
    private func configuration(
        _ kind: String, _ tree: XMLElement, _ bucket: String
    ) async throws -> [EndpointChange] {
        let known = try await client.s3("GET", "/\(bucket)?\(kind)", accepted: [404])
        if known.isGood, let old = try? XMLReader.parse(known.body),
            Self.parts(of: old) == Self.parts(of: tree)
        {
            return []
        }
        return [
            EndpointChange(kind: .update, thing: "bucket \(bucket)", details: ["\(kind) configuration"]) {
                try await put(tree, kind, bucket)
            }
        ]
    }

    private func make(_ bucket: String) async throws {
        var body: [UInt8] = []
        if manifest.region != "us-east-1" {
            body = Self.bytes(
                XMLElement(
                    name: "CreateBucketConfiguration",
                    children: [XMLElement(name: "LocationConstraint", text: manifest.region)]))
        }
        try await client.s3("PUT", "/\(bucket)", body)
    }

    private func put(_ tree: XMLElement, _ kind: String, _ bucket: String) async throws {
        try await client.s3("PUT", "/\(bucket)?\(kind)", Self.bytes(tree))
    }

    private static func bytes(_ tree: XMLElement) -> [UInt8] {
        var writer = XMLWriter()
        writer.write(tree, namespace: "http://s3.amazonaws.com/doc/2006-03-01/")
        return writer.bytes
    }

    /// Texts with their places, whatever the order: S3 answers with elements in an order of its own.
    private static func parts(of tree: XMLElement, _ path: String = "") -> [String] {
        let own = "\(path)/\(tree.name)"
        if tree.children.isEmpty { return ["\(own)=\(tree.text)"] }
        // Rules that were given no name have one in answers.
        return tree.children.filter { $0.name != "Id" }.flatMap { parts(of: $0, own) }.sorted()
    }

    /// A bucket's configurations by the names that they have in queries.
    private static func documents(of bucket: Manifest.Bucket) -> [(String, XMLElement)] {
        func texts(_ name: String, _ values: [String]) -> [XMLElement] {
            values.map { XMLElement(name: name, text: $0) }
        }
        var documents: [(String, XMLElement)] = []
        if !bucket.cors.isEmpty {
            let rules = bucket.cors.map { rule in
                XMLElement(
                    name: "CORSRule",
                    children: texts("AllowedOrigin", rule.allowedOrigins)
                        + texts("AllowedMethod", rule.allowedMethods)
                        + texts("AllowedHeader", rule.allowedHeaders)
                        + texts("ExposeHeader", rule.exposeHeaders)
                        + texts("MaxAgeSeconds", rule.maxAgeSeconds.map { ["\($0)"] } ?? []))
            }
            documents.append(("cors", XMLElement(name: "CORSConfiguration", children: rules)))
        }
        if !bucket.lifecycle.isEmpty {
            documents.append(
                (
                    "lifecycle",
                    XMLElement(name: "LifecycleConfiguration", children: bucket.lifecycle.map(\.tree))
                ))
        }
        if let site = bucket.website {
            var children = [XMLElement(name: "IndexDocument", children: texts("Suffix", [site.index]))]
            if let error = site.error {
                children.append(XMLElement(name: "ErrorDocument", children: texts("Key", [error])))
            }
            documents.append(("website", XMLElement(name: "WebsiteConfiguration", children: children)))
        }
        return documents
    }

    // MARK: - Event sources

    @Sendable func eventSources() async throws -> [EndpointChange] {
        var changes: [EndpointChange] = []
        for function in manifest.functions {
            for source in function.eventSources {
                var input = source.settings
                input["FunctionName"] = .string(function.name)
                let name: String
                switch source.kind {
                case .queue(let queue):
                    name = queue
                    input["EventSourceArn"] = .string(Emulator.arn(ofQueue: queue, manifest))
                case .table(let table):
                    name = table
                    let answer = try await client.dynamoDB(
                        "DescribeTable", ["TableName": .string(table)], accepted: [400])
                    input["EventSourceArn"] = answer.json?["Table"]?["LatestStreamArn"]
                }
                let arn = input["EventSourceArn"]?.string ?? ""
                let query = PercentEncoding.encode(arn, keeping: .unreserved)
                let known = try await client.lambda(
                    "GET",
                    "/2015-03-31/event-source-mappings?EventSourceArn=\(query)&FunctionName=\(function.name)",
                    accepted: [400, 404])
                let mapping = known.json?["EventSourceMappings"]?[0]
                if let change = Self.change(of: mapping, to: input, "\(function.name) of \(name)", client) {
                    changes.append(change)
                }
            }
        }
        return changes
    }

    private static func change(
        of mapping: JSONValue?, to input: JSONObject, _ label: String, _ client: EndpointClient
    ) -> EndpointChange? {
        guard let id = mapping?["UUID"]?.string else {
            return EndpointChange(kind: .create, thing: "event source \(label)", details: []) {
                try await client.lambda("POST", "/2015-03-31/event-source-mappings", .object(input))
            }
        }
        var wanted = input
        // These cannot be changed, and a mapping shows whether it is enabled as its state.
        for field in ["EventSourceArn", "FunctionName", "StartingPosition", "Enabled"] {
            wanted.removeValue(forKey: field)
        }
        let details = differences(wanted, mapping)
        guard !details.isEmpty else { return nil }
        return EndpointChange(kind: .update, thing: "event source \(label)", details: details) { [wanted] in
            try await client.lambda("PUT", "/2015-03-31/event-source-mappings/\(id)", .object(wanted))
        }
    }
}
