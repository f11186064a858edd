import JSON

/// How the things of a manifest are called on AWS, where stages lie beside each other in one account.
struct Names: Sendable {
    let service: String
    let stage: String

    func function(_ name: String) -> String { "\(service)-\(stage)-\(name)" }
    func table(_ name: String) -> String { "\(name)-\(stage)" }
    func queue(_ name: String) -> String { "\(service)-\(stage)-\(name)" }
    func logGroup(_ function: String) -> String { "/aws/lambda/\(self.function(function))" }

    /// Names of buckets are the whole world's, so the account's number is in them.
    ///
    /// Never a reference to the bucket: it names the functions that it tells of its objects, whose roles name it, and
    /// CloudFormation refuses circles.
    func bucket(_ name: String) -> JSONValue { .sub("\(name)-\(stage)-${AWS::AccountId}") }

    /// - Parameter keys: `/*` for all objects, empty for the bucket itself.
    func bucketARN(_ name: String, keys: String = "") -> JSONValue {
        .sub("arn:${AWS::Partition}:s3:::\(name)-\(stage)-${AWS::AccountId}\(keys)")
    }

    /// A logical id: letters and digits only, each word with a capital in front.
    static func identifier(_ text: String, _ suffix: String = "") -> String {
        var result = ""
        var startsWord = true
        for character in text {
            guard character.isASCII, character.isLetter || character.isNumber else {
                startsWord = true
                continue
            }
            result += startsWord ? character.uppercased() : String(character)
            startsWord = false
        }
        return result + suffix
    }

    /// `OPENAI_API_KEY` as the name of a template's parameter: `OpenaiApiKey`.
    static func parameter(_ variable: String) -> String { identifier(variable.lowercased()) }
}

/// The functions of templates.
extension JSONValue {
    static func ref(_ name: String) -> JSONValue { ["Ref": .string(name)] }
    static func attribute(_ name: String, _ attribute: String) -> JSONValue {
        ["Fn::GetAtt": [.string(name), .string(attribute)]]
    }
    static func sub(_ text: String) -> JSONValue { ["Fn::Sub": .string(text)] }
    static func int(_ number: Int) -> JSONValue { .number(.init(number)) }
}

extension JSONObject {
    /// Copies members that are there, some of them under other names.
    mutating func copy(_ names: [(from: String, to: String)], of value: JSONValue?) {
        for (from, to) in names { if let member = value?[from] { self[to] = member } }
    }
}
