import Bytes
import HTTPTypes
import JSON

/// What a variable of a parameter mapping stands for.
struct MappingSources {
    let context: ContextVariables
    let request: HTTPRequest
    /// Without the stage.
    let routePath: String
    let pathParameters: [String: String]
    let requestBody: [UInt8]
    /// When the mapping is of an answer.
    var response: HTTPResponse?

    /// - Parameter name: without its `$`.
    func value(_ name: String) -> String? {
        func rest(_ prefix: String) -> String? {
            name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
        }
        if name == "request.path" { return routePath }
        if let name = rest("request.header.") { return Self.joined(request.headers.values(name)) }
        if let name = rest("request.querystring.") {
            return Self.joined(Query.parse(request.rawQuery).filter { $0.name == name }.map(\.value))
        }
        if let name = rest("request.path.") { return pathParameters[name] }
        if let path = rest("request.body.") { return Self.member(path, of: requestBody) }
        if let name = rest("response.header.") { return Self.joined(response?.headers.values(name) ?? []) }
        if let path = rest("response.body.") { return Self.member(path, of: response?.body.bytes ?? []) }
        if let name = rest("context.") { return context.value(name) }
        if let name = rest("stageVariables.") { return context.stageVariable(name) }
        return nil
    }

    /// The same, encoded as a part of a path. Of a route's variables only `{name+}` may bring slashes along.
    func pathText(_ name: String) -> String? {
        if name == "request.path" { return routePath }
        let parameter = "request.path."
        let isOneSegment =
            name.hasPrefix(parameter)
            && context.exchange.match?.route.greedyVariable != String(name.dropFirst(parameter.count))
        return value(name).map {
            PercentEncoding.encode($0, keeping: isOneSegment ? .unreserved : .unreservedAndSlash)
        }
    }

    private static func joined(_ values: [String]) -> String? {
        values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// A value inside a JSON document by a path as `pets[0].name`; text as it is, everything else as JSON.
    static func member(_ path: String, of document: [UInt8]) -> String? {
        guard var value = try? JSONValue.parse(document) else { return nil }
        for step in path.split(separator: ".") {
            let pieces = step.split(separator: "[", omittingEmptySubsequences: false)
            if let name = pieces.first, !name.isEmpty {
                guard let member = value[String(name)] else { return nil }
                value = member
            }
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let index = Int(piece.dropLast()), let element = value[index]
                else {
                    return nil
                }
                value = element
            }
        }
        return value.string ?? value.encodedString()
    }
}
