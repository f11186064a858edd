import Digests
import JSON

/// Collects the parts of a template.
struct StackBuilder {
    let manifest: JSONValue
    let stage: Stage
    let names: Names
    private(set) var resources: JSONObject = [:]
    private(set) var outputs: JSONObject = [:]
    private(set) var parameters: [(variable: String, parameter: String)] = []
    private var parameterDefinitions: JSONObject = [:]
    private var conditions: JSONObject = [:]
    /// Logical ids of functions, tables, authorizers and the like, with the names that they were made of.
    private var owners: [String: String] = [:]
    /// Ids that a second resource was given.
    private var repeated: [String] = []
    /// Resources of the REST API by their paths.
    var restPaths: [String: String] = [:]

    init(manifest: JSONValue, stage: Stage) throws(Undeployable) {
        self.manifest = manifest
        self.stage = stage
        names = Names(service: manifest["service"]?.string ?? "", stage: stage.name.rawValue)
    }

    var document: JSONValue {
        var document: JSONObject = [
            "AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31",
            "Description": .string("\(names.service), stage \(names.stage)"),
        ]
        if !parameterDefinitions.isEmpty { document["Parameters"] = .object(parameterDefinitions) }
        if !conditions.isEmpty { document["Conditions"] = .object(conditions) }
        document["Resources"] = .object(resources)
        if !outputs.isEmpty { document["Outputs"] = .object(outputs) }
        return .object(document)
    }

    /// A thing that the manifest names. Its logical id must not depend on its neighbours: another id would be another
    /// table.
    ///
    /// - Parameter api: the API that it is a part of; its id comes first.
    mutating func identifier(
        _ kind: String, _ name: String, of api: String = "", at path: [String]
    ) throws(Undeployable) -> String {
        let id = api + Names.identifier(name, kind)
        if let owner = owners[id], owner != name {
            throw Undeployable(
                path,
                "cannot be told from '\(owner)' in a template, whose ids are letters and digits; rename one.")
        }
        owners[id] = name
        return id
    }

    /// An id that another resource has is refused in the end, by ``checkIdentifiers()``.
    mutating func add(_ id: String, _ type: String, _ properties: JSONObject, _ more: JSONObject = [:]) {
        if resources[id] != nil { repeated.append(id) }
        var resource: JSONObject = ["Type": .string(type)]
        for (key, value) in more { resource[key] = value }
        if !properties.isEmpty { resource["Properties"] = .object(properties) }
        resources[id] = .object(resource)
    }

    /// To be asked when everything is there: one thing instead of two would be deployed without a word.
    func checkIdentifiers() throws(Undeployable) {
        if let id = repeated.first {
            throw Undeployable(
                ["service"],
                "has two resources that are called '\(id)' in a template, whose ids are letters and digits; rename one of the things that they are made of."
            )
        }
        // Parameters and resources share one space of names.
        for (variable, parameter) in parameters where resources[parameter] != nil {
            throw Undeployable(
                ["passEnvironment"],
                "has '\(variable)', whose parameter '\(parameter)' is called as a resource of the template; rename the variable."
            )
        }
    }

    /// For parts of an API, whose ids come from routes: those that look alike are numbered.
    mutating func addNumbered(
        _ id: String, _ type: String, _ properties: JSONObject, _ more: JSONObject = [:]
    )
        -> String
    {
        var (unique, number) = (id, 2)
        while resources[unique] != nil {
            unique = "\(id)\(number)"
            number += 1
        }
        add(unique, type, properties, more)
        return unique
    }

    /// The description of an API as it is deployed changes its id with its content: CloudFormation makes a new one only
    /// then.
    static func fingerprint(_ parts: [JSONValue]) -> String {
        String(SHA256.hex(JSONValue.array(parts).encoded()).prefix(10))
    }

    mutating func output(_ id: String, _ description: String, _ value: JSONValue) {
        outputs[id] = ["Description": .string(description), "Value": value]
    }

    /// What is kept when the stack goes, where the stage wants so.
    var retention: JSONObject {
        let policy: JSONValue = stage.retainsData ? "Retain" : "Delete"
        return ["DeletionPolicy": policy, "UpdateReplacePolicy": policy]
    }

    // MARK: - Variables

    /// Variables of `passEnvironment` are given at deployment and stand in no file.
    mutating func addParameters() throws(Undeployable) {
        for name in (manifest["passEnvironment"]?.array ?? []).compactMap(\.string) {
            let parameter = Names.parameter(name)
            if let other = parameters.first(where: { $0.parameter == parameter })?.variable {
                guard other != name else { continue }
                throw Undeployable(
                    ["passEnvironment"],
                    "has '\(other)' and '\(name)', which both become the parameter '\(parameter)'; rename one."
                )
            }
            let usual = stage.environment[name] ?? manifest["environment"]?[name] ?? ""
            parameterDefinitions[parameter] = [
                "Type": "String", "NoEcho": true, "Default": usual,
                "Description": .string("The variable \(name) of the functions; not set when empty."),
            ]
            conditions["Has\(parameter)"] = ["Fn::Not": [["Fn::Equals": [.ref(parameter), ""]]]]
            parameters.append((name, parameter))
        }
    }

    /// What a function finds in its environment: the manifest's, the stage's, the function's own, in this order.
    func environment(of function: String) -> JSONObject {
        let own = manifest["functions"]?[function]?["environment"]?.object ?? [:]
        let ofStage = stage.settings(of: function)?["environment"]?.object ?? [:]
        var variables: JSONObject = [:]
        for (name, value) in manifest["environment"]?.object ?? [:] { variables[name] = resolved(value) }
        for (name, value) in stage.environment { variables[name] = resolved(value) }
        for (variable, parameter) in parameters {
            variables[variable] = [
                "Fn::If": [.string("Has\(parameter)"), .ref(parameter), .ref("AWS::NoValue")]
            ]
        }
        for (name, value) in own { variables[name] = resolved(value) }
        for (name, value) in ofStage { variables[name] = resolved(value) }
        return variables
    }

    /// The name of a table, a bucket, a queue or a function stands for the one of the stage.
    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let text = value.string else { return value }
        if tableNames.contains(text) { return .ref(Names.identifier(text, "Table")) }
        if bucketNames.contains(text) { return names.bucket(text) }
        if queueNames.contains(text) { return .attribute(Names.identifier(text, "Queue"), "QueueName") }
        if manifest["functions"]?[text] != nil { return .string(names.function(text)) }
        return value
    }

    var tableNames: [String] { (manifest["tables"]?.array ?? []).compactMap { $0["TableName"]?.string } }
    var bucketNames: [String] { (manifest["buckets"]?.array ?? []).compactMap { $0["name"]?.string } }
    var queueNames: [String] {
        (manifest["queues"]?.array ?? []).compactMap { $0.string ?? $0["name"]?.string }
    }

    // MARK: - Functions of other parts

    /// What callers are given: the alias, behind which versions change gradually.
    static func alias(of function: String) -> JSONValue {
        .ref("\(Names.identifier(function, "Function")).Alias")
    }

    /// As API Gateway wants a function named where it calls it.
    static func invocation(of function: String) -> JSONValue {
        let uri =
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations"
        return ["Fn::Sub": [.string(uri), ["Function": alias(of: function)]]]
    }

    /// Lets a service call a function.
    mutating func addPermission(
        _ id: String, function: String, principal: String, source: JSONValue, more: JSONObject = [:]
    ) {
        var properties: JSONObject = [
            "Action": "lambda:InvokeFunction", "FunctionName": Self.alias(of: function),
            "Principal": .string(principal), "SourceArn": source,
        ]
        for (key, value) in more { properties[key] = value }
        add(id, "AWS::Lambda::Permission", properties)
    }
}
