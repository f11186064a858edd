import JSON

/// The role of each function: what the manifest permits it, and what its own logs, sources and queues need.
extension StackBuilder {
    mutating func addRole(_ name: String, _ function: JSONValue) {
        let group = names.logGroup(name)
        var statements: [JSONValue] = [
            statement(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [.sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:\(group):*")])
        ]
        for permission in function["permissions"]?.array ?? [] {
            statements.append(
                statement(
                    (permission["actions"]?.array ?? []).compactMap(\.string), resources(of: permission)))
        }
        for source in function["eventSources"]?.array ?? [] { statements += self.statements(for: source) }
        if let queue = function["deadLetterQueue"]?.string {
            statements.append(statement(["sqs:SendMessage"], [queueARN(queue)]))
        }
        add(
            Names.identifier(name, "Role"), "AWS::IAM::Role",
            [
                "AssumeRolePolicyDocument": [
                    "Version": "2012-10-17",
                    "Statement": [
                        [
                            "Effect": "Allow", "Principal": ["Service": "lambda.amazonaws.com"],
                            "Action": "sts:AssumeRole",
                        ]
                    ],
                ],
                "Policies": [
                    [
                        "PolicyName": "least-privilege",
                        "PolicyDocument": ["Version": "2012-10-17", "Statement": .array(statements)],
                    ]
                ],
            ])
    }

    private func statement(_ actions: [String], _ resources: [JSONValue]) -> JSONValue {
        [
            "Effect": "Allow", "Action": .array(actions.map { .string($0) }),
            "Resource": resources.count == 1 ? resources[0] : .array(resources),
        ]
    }

    private func queueARN(_ name: String) -> JSONValue { .attribute(Names.identifier(name, "Queue"), "Arn") }

    private func resources(of permission: JSONValue) -> [JSONValue] {
        if let name = permission["table"]?.string { return tableResources(name, permission) }
        if let name = permission["bucket"]?.string { return bucketResources(name, permission) }
        if let name = permission["queue"]?.string { return [queueARN(name)] }
        if let name = permission["function"]?.string {
            let text = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
            return [.sub(text + names.function(name)), .sub(text + names.function(name) + ":*")]
        }
        if permission["webSocketApi"] != nil {
            return [
                .sub(
                    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebSocketApi}/*/*/@connections/*"
                )
            ]
        }
        return permission["resource"].map { [$0] } ?? []
    }

    /// Queries and scans may go to indexes, which are resources of their own.
    private func tableResources(_ name: String, _ permission: JSONValue) -> [JSONValue] {
        let id = Names.identifier(name, "Table")
        let reads: Set = ["dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect"]
        let table = (manifest["tables"]?.array ?? []).first { $0["TableName"]?.string == name }
        let hasIndexes = table?["GlobalSecondaryIndexes"] != nil || table?["LocalSecondaryIndexes"] != nil
        let readsIndexes = (permission["actions"]?.array ?? []).contains { reads.contains($0.string ?? "") }
        let arn = JSONValue.attribute(id, "Arn")
        return hasIndexes && readsIndexes ? [arn, .sub("${\(id).Arn}/index/*")] : [arn]
    }

    /// Actions on a bucket name the bucket, those on objects its keys.
    private func bucketResources(_ name: String, _ permission: JSONValue) -> [JSONValue] {
        let actions = (permission["actions"]?.array ?? []).compactMap(\.string)
        let isOfBucket = actions.filter {
            $0.contains("Bucket") || $0.hasSuffix("Configuration")
                || $0.hasPrefix("s3:List") && !$0.contains("Parts")
        }
        var resources: [JSONValue] = []
        if !isOfBucket.isEmpty { resources.append(names.bucketARN(name)) }
        if isOfBucket.count < actions.count {
            resources.append(names.bucketARN(name, keys: "/" + (permission["keys"]?.string ?? "*")))
        }
        return resources
    }

    private func statements(for source: JSONValue) -> [JSONValue] {
        var statements: [JSONValue] = []
        if let table = source["table"]?.string {
            statements.append(
                statement(
                    [
                        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
                        "dynamodb:ListStreams",
                    ], [.sub("${\(Names.identifier(table, "Table")).Arn}/stream/*")]))
        }
        if let queue = source["queue"]?.string {
            statements.append(
                statement(
                    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queueARN(queue)]))
        }
        if let arn = source["onFailure"]?.string {
            switch destination(arn) {
            case .queue(let name): statements.append(statement(["sqs:SendMessage"], [queueARN(name)]))
            case .bucket(let name):
                statements.append(
                    statement(
                        ["s3:PutObject", "s3:ListBucket"],
                        [names.bucketARN(name), names.bucketARN(name, keys: "/*")]))
            case .other(let arn):
                statements.append(
                    statement([arn.contains(":sqs:") ? "sqs:SendMessage" : "sns:Publish"], [.string(arn)]))
            }
        }
        return statements
    }

    enum Destination {
        case queue(String)
        case bucket(String)
        case other(String)
    }

    /// An ARN of the emulator's stands for the queue or bucket of the stage.
    func destination(_ arn: String) -> Destination {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 6, let name = parts.last {
            if parts[2] == "sqs", queueNames.contains(name) { return .queue(name) }
            if parts[2] == "s3", bucketNames.contains(name) { return .bucket(name) }
        }
        return .other(arn)
    }
}
