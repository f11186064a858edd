import JSON

/// Tables, buckets and queues.
extension StackBuilder {
    /// Members of CreateTable that a template has under the same name.
    private static let tableMembers = [
        "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes",
        "ProvisionedThroughput", "OnDemandThroughput", "TableClass", "Tags", "DeletionProtectionEnabled",
        "WarmThroughput",
    ]
    private static let otherTableMembers = [
        "TableName", "StreamSpecification", "SSESpecification", "TimeToLive", "PointInTimeRecovery",
    ]

    mutating func addTables() throws(Undeployable) {
        for (index, table) in (manifest["tables"]?.array ?? []).enumerated() {
            let path = ["tables", "\(index)"]
            let name = table["TableName"]?.string ?? ""
            let id = try identifier("Table", name, at: path)
            var properties: JSONObject = ["TableName": .string(names.table(name))]
            for (key, value) in table.object ?? [:] where !Self.otherTableMembers.contains(key) {
                guard Self.tableMembers.contains(key) else {
                    throw Undeployable(path + [key], "is nothing that a table of a template has; remove it.")
                }
                properties[key] = value
            }
            if table["StreamSpecification"]?["StreamEnabled"]?.bool == true,
                let view = table["StreamSpecification"]?["StreamViewType"]
            {
                properties["StreamSpecification"] = ["StreamViewType": view]
            }
            if let encryption = table["SSESpecification"] {
                var specification: JSONObject = [:]
                specification.copy(
                    [
                        ("Enabled", "SSEEnabled"), ("SSEType", "SSEType"),
                        ("KMSMasterKeyId", "KMSMasterKeyId"),
                    ],
                    of: encryption)
                properties["SSESpecification"] = .object(specification)
            }
            if let attribute = table["TimeToLive"]?["AttributeName"] {
                properties["TimeToLiveSpecification"] = ["AttributeName": attribute, "Enabled": true]
            }
            if stage.recoversTables || table["PointInTimeRecovery"]?.bool == true {
                properties["PointInTimeRecoverySpecification"] = ["PointInTimeRecoveryEnabled": true]
            }
            add(id, "AWS::DynamoDB::Table", properties, retention)
        }
    }

    mutating func addQueues() throws(Undeployable) {
        for (index, queue) in (manifest["queues"]?.array ?? []).enumerated() {
            guard let name = queue.string ?? queue["name"]?.string else { continue }
            let id = try identifier("Queue", name, at: ["queues", "\(index)"])
            var properties: JSONObject = [
                "QueueName": .string(names.queue(name)), "SqsManagedSseEnabled": true,
                // What Lambda recommends where the manifest leaves it to the function: six times its timeout.
                "VisibilityTimeout": queue["visibilityTimeout"]
                    ?? .int(min(43_200, 6 * longestTimeout(behind: name))),
            ]
            if let other = queue["deadLetterQueue"]?.string, let count = queue["maxReceiveCount"] {
                properties["RedrivePolicy"] = [
                    "deadLetterTargetArn": .attribute(Names.identifier(other, "Queue"), "Arn"),
                    "maxReceiveCount": count,
                ]
            }
            add(id, "AWS::SQS::Queue", properties, retention)
        }
    }

    /// Of the functions that read a queue, in seconds.
    private func longestTimeout(behind queue: String) -> Int {
        var longest = 5
        for (name, function) in manifest["functions"]?.object ?? [:] {
            let reads = (function["eventSources"]?.array ?? []).contains { $0["queue"]?.string == queue }
            if reads { longest = max(longest, timeout(name)) }
        }
        return longest
    }

    mutating func addBuckets() throws(Undeployable) {
        for (index, bucket) in (manifest["buckets"]?.array ?? []).enumerated() {
            let name = bucket["name"]?.string ?? ""
            let path = ["buckets", "\(index)", "name"]
            guard names.stage.utf8.count + name.utf8.count + 14 <= 63 else {
                throw Undeployable(
                    path,
                    "is too long: with '-\(names.stage)-' and the account's number it must have at most 63 characters."
                )
            }
            let id = try identifier("Bucket", name, at: path)
            let isOpen = bucket["website"] != nil
            var properties: JSONObject = [
                "BucketName": names.bucket(name),
                "BucketEncryption": [
                    "ServerSideEncryptionConfiguration": [
                        ["ServerSideEncryptionByDefault": ["SSEAlgorithm": "AES256"]]
                    ]
                ],
                "OwnershipControls": ["Rules": [["ObjectOwnership": "BucketOwnerEnforced"]]],
                "PublicAccessBlockConfiguration": [
                    "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": .bool(!isOpen),
                    "RestrictPublicBuckets": .bool(!isOpen),
                ],
            ]
            if let rules = bucket["cors"]?.array, !rules.isEmpty {
                properties["CorsConfiguration"] = ["CorsRules": .array(rules.map(Self.corsRule))]
            }
            if let rules = bucket["lifecycle"]?.array, !rules.isEmpty {
                properties["LifecycleConfiguration"] = [
                    "Rules": .array(rules.enumerated().map(Self.lifecycleRule))
                ]
            }
            if let site = bucket["website"] { properties["WebsiteConfiguration"] = Self.website(site) }
            var more = retention
            let told = addNotifications(bucket, name, &properties)
            if !told.isEmpty { more["DependsOn"] = .array(told.map { .string($0) }) }
            add(id, "AWS::S3::Bucket", properties, more)
            if isOpen { addReaders(id, name) }
        }
    }

    private static func corsRule(_ rule: JSONValue) -> JSONValue {
        var result: JSONObject = [:]
        result.copy(
            [
                ("allowedOrigins", "AllowedOrigins"), ("allowedMethods", "AllowedMethods"),
                ("allowedHeaders", "AllowedHeaders"), ("exposeHeaders", "ExposedHeaders"),
                ("maxAgeSeconds", "MaxAge"),
            ], of: rule)
        return .object(result)
    }

    private static func lifecycleRule(_ index: Int, _ rule: JSONValue) -> JSONValue {
        var result: JSONObject = ["Id": rule["id"] ?? .string("rule-\(index + 1)"), "Status": "Enabled"]
        result.copy([("prefix", "Prefix"), ("expirationDays", "ExpirationInDays")], of: rule)
        if let days = rule["abortIncompleteMultipartUploadDays"] {
            result["AbortIncompleteMultipartUpload"] = ["DaysAfterInitiation": days]
        }
        if let days = rule["transitionDays"], let storageClass = rule["transitionStorageClass"] {
            result["Transitions"] = [["TransitionInDays": days, "StorageClass": storageClass]]
        }
        return .object(result)
    }

    private static func website(_ site: JSONValue) -> JSONValue {
        var result: JSONObject = ["IndexDocument": site["index"] ?? "index.html"]
        if let error = site["error"] { result["ErrorDocument"] = error }
        return .object(result)
    }

    /// A site is read by anybody, page by page: what else lies there is not told.
    private mutating func addReaders(_ id: String, _ name: String) {
        add(
            "\(id)Policy", "AWS::S3::BucketPolicy",
            [
                "Bucket": .ref(id),
                "PolicyDocument": [
                    "Version": "2012-10-17",
                    "Statement": [
                        [
                            "Sid": "Website", "Effect": "Allow", "Principal": "*",
                            "Action": "s3:GetObject", "Resource": names.bucketARN(name, keys: "/*"),
                        ]
                    ],
                ],
            ])
    }

    /// - Returns: the permissions that have to be there before the bucket.
    private mutating func addNotifications(
        _ bucket: JSONValue, _ name: String, _ properties: inout JSONObject
    ) -> [String] {
        var permissions: [String] = []
        var configurations: [JSONValue] = []
        for notification in bucket["notifications"]?.array ?? [] {
            guard let function = notification["function"]?.string else { continue }
            let permission = Names.identifier("\(name) \(function)", "BucketPermission")
            if !permissions.contains(permission) {
                permissions.append(permission)
                addPermission(
                    permission, function: function, principal: "s3.amazonaws.com",
                    source: names.bucketARN(name),
                    more: ["SourceAccount": .ref("AWS::AccountId")])
            }
            var rules: [JSONValue] = []
            for field in ["prefix", "suffix"] {
                if let value = notification[field] { rules.append(["Name": .string(field), "Value": value]) }
            }
            // The emulator takes several events in one rule, a template one in each.
            for event in notification["events"]?.array ?? [] {
                var configuration: JSONObject = ["Event": event, "Function": Self.alias(of: function)]
                if !rules.isEmpty { configuration["Filter"] = ["S3Key": ["Rules": .array(rules)]] }
                configurations.append(.object(configuration))
            }
        }
        if !configurations.isEmpty {
            properties["NotificationConfiguration"] = ["LambdaConfigurations": .array(configurations)]
        }
        return permissions
    }
}
