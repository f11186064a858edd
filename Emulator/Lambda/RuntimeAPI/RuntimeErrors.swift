import HTTPTypes
import JSON

/// What AWS keeps of the `Lambda-Runtime-Function-Error-Type` header: `(Runtime|Function).[A-Z][a-zA-Z]+`.
enum ErrorCategory {
    static func kept(_ value: String?) -> String {
        let parts = (value ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, first == "Runtime" || first == "Function" else {
            return "Runtime.Unknown"
        }
        let name = parts.count == 2 ? Array(parts[1].utf8) : []
        let isKept =
            name.count >= 2 && (0x41...0x5a).contains(name[0])
            && name.allSatisfy { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        return isKept ? "\(first).\(parts[1])" : "\(first).Unknown"
    }
}

/// A posted error that brings a cause for X-Ray along; the invoker does not get to see that part.
enum ErrorCause {
    private static let contentType = "application/vnd.aws.lambda.error.cause+json"

    static func isWrapped(_ request: HTTPRequest) -> Bool { request.headers["Content-Type"] == contentType }

    /// The error without its cause; AWS's own words when the body is none.
    static func unwrapped(_ body: [UInt8]) -> [UInt8] {
        guard let given = (try? JSONValue.parse(body))?.object else {
            return JSONValue.string("Invalid error body").encoded()
        }
        var error = JSONObject()
        for name in ["errorMessage", "errorType", "stackTrace"] {
            if let value = given[name] { error.append(name, value) }
        }
        return JSONValue.object(error).encoded()
    }
}

extension CognitoIdentity {
    /// As the runtime gets it, in one line.
    var json: String {
        var object = JSONObject()
        if let identityID { object.append("cognitoIdentityId", .string(identityID)) }
        if let identityPoolID { object.append("cognitoIdentityPoolId", .string(identityPoolID)) }
        return JSONValue.object(object).encodedString()
    }
}
