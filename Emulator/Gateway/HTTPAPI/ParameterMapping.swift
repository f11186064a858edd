import Bytes
import HTTPTypes
import JSON

/// Text with variables in it: `$request.header.name` alone, or `${request.path.id}/${context.stage}` within text.
struct MappingTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case literal(String)
        case variable(String)
    }

    private let parts: [Part]

    private init(parts: [Part]) { self.parts = parts }

    /// nil for a brace that is never closed.
    init?(_ text: String) {
        if text.hasPrefix("$"), !text.hasPrefix("${") {
            parts = [.variable(String(text.dropFirst()))]
            return
        }
        var parts: [Part] = []
        var rest = text[...]
        while let start = Self.opening(in: rest) {
            if start > rest.startIndex { parts.append(.literal(String(rest[..<start]))) }
            let name = rest[rest.index(start, offsetBy: 2)...]
            guard let end = name.firstIndex(of: "}") else { return nil }
            parts.append(.variable(String(name[..<end])))
            rest = name[name.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    private static func opening(in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while let dollar = text[index...].firstIndex(of: "$") {
            index = text.index(after: dollar)
            if index < text.endIndex, text[index] == "{" { return dollar }
        }
        return nil
    }

    var variables: [String] {
        parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The text; nil when it is one variable that has no value. Within text such a one is empty.
    func text(_ value: (String) -> String?) -> String? {
        if parts.count == 1, case .variable(let name) = parts[0] { return value(name) }
        return parts.map { part in
            switch part {
            case .literal(let text): text
            case .variable(let name): value(name) ?? ""
            }
        }.joined()
    }

    /// The same as a path, where what stands between the variables is encoded unless it is already.
    ///
    /// - Parameter value: of a variable, encoded.
    func path(_ value: (String) -> String?) -> String? {
        let encoded = parts.map { part -> Part in
            guard case .literal(let text) = part else { return part }
            let decoded = PercentEncoding.decode(text) ?? text
            return .literal(PercentEncoding.encode(decoded, keeping: .unreservedAndSlash))
        }
        return MappingTemplate(parts: encoded).text(value)
    }
}

/// Changes of a request on its way to an integration, or of its answer ("Transform API requests and responses for
/// HTTP APIs").
public struct ParameterMapping: Sendable, Equatable {
    private enum Operation: String, Sendable {
        case append, overwrite, remove
    }

    private enum Target: Sendable, Equatable {
        case header(String)
        case queryString(String)
        case path
        case statusCode
    }

    private struct Change: Sendable, Equatable {
        let operation: Operation
        let target: Target
        let value: MappingTemplate
    }

    private static let reservedHeaders: Set<String> = [
        "access-control-allow-origin", "authorization", "connection", "content-encoding", "content-length",
        "content-location", "forwarded", "keep-alive", "origin", "proxy-authenticate", "proxy-authorization",
        "te", "trailers", "transfer-encoding", "upgrade", "via",
    ]
    private static let reservedPrefixes = ["access-control-", "apigw-", "x-amz-", "x-amzn-", "x-forwarded-"]

    private let changes: [Change]
    /// As they were given.
    let entries: JSONObject

    /// - Parameters:
    ///   - entries: keys as `append:header.name`, and values in their order.
    ///   - ofResponse: whether it changes an answer.
    /// - Throws: what is wrong with which entry, and the remedy.
    public init(_ entries: [(key: String, value: String)], ofResponse: Bool) throws(RouteError) {
        var changes: [Change] = []
        for (key, value) in entries {
            let parts = key.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let operation = Operation(rawValue: parts[0]),
                let target = Self.target(parts[1], operation, ofResponse: ofResponse)
            else {
                let kinds =
                    ofResponse
                    ? "header.NAME or overwrite:statuscode"
                    : "header.NAME, querystring.NAME or overwrite:path"
                throw RouteError(
                    description:
                        "'\(key)' is no parameter to map; write append:, overwrite: or remove: with \(kinds)."
                )
            }
            if case .header(let name) = target, Self.isReserved(name) {
                throw RouteError(description: "Operations on header \(name) are restricted; map another one.")
            }
            guard let template = MappingTemplate(value) else {
                throw RouteError(description: "'\(value)' lacks a closing brace.")
            }
            let roots = ofResponse ? ["response."] : ["request."]
            for name in template.variables
            where !(roots + ["context.", "stageVariables."]).contains(where: { name.hasPrefix($0) })
                && name != "request.path"
            {
                throw RouteError(
                    description: "'\(value)' names no source of a mapping; write \(roots[0])…, context.… or "
                        + "stageVariables.… behind the '$'.")
            }
            changes.append(Change(operation: operation, target: target, value: template))
        }
        self.changes = changes
        self.entries = JSONObject(entries.map { ($0.key, .string($0.value)) })
    }

    private static func target(_ text: String, _ operation: Operation, ofResponse: Bool) -> Target? {
        if text.hasPrefix("header."), text.utf8.count > 7 { return .header(text.dropFirst(7).lowercased()) }
        if ofResponse { return text == "statuscode" && operation == .overwrite ? .statusCode : nil }
        if text.hasPrefix("querystring."), text.utf8.count > 12 {
            return .queryString(String(text.dropFirst(12)))
        }
        return text == "path" && operation == .overwrite ? .path : nil
    }

    private static func isReserved(_ name: String) -> Bool {
        reservedHeaders.contains(name) || reservedPrefixes.contains { name.hasPrefix($0) }
    }

    /// The request as the integration sees it.
    ///
    /// - Returns: whether the path is what a mapping has made of it.
    @discardableResult
    func apply(to request: inout HTTPRequest, _ sources: MappingSources) -> Bool {
        var path = request.path
        var items = Query.parse(request.rawQuery)
        var isChanged = false
        var isOtherPath = false
        for change in changes {
            let text =
                change.target == .path
                ? change.value.path(sources.pathText) : change.value.text(sources.value)
            switch change.target {
            case .header(let name): Self.change(&request.headers, change.operation, name, text)
            case .queryString(let name):
                isChanged = true
                if change.operation != .append, text != nil || change.operation == .remove {
                    items.removeAll { $0.name == name }
                }
                if change.operation != .remove, let text { items.append(QueryItem(name, text)) }
            case .path:
                guard let text else { continue }
                isChanged = true
                isOtherPath = true
                path = text.hasPrefix("/") ? text : "/" + text
            case .statusCode: break
            }
        }
        guard isChanged else { return false }
        let query = Query.encode(items)
        request.target = query.isEmpty ? path : "\(path)?\(query)"
        return isOtherPath
    }

    /// The answer as the client sees it.
    func apply(to response: inout HTTPResponse, _ value: (String) -> String?) {
        for change in changes {
            let text = change.value.text(value)
            switch change.target {
            case .header(let name): Self.change(&response.headers, change.operation, name, text)
            case .statusCode:
                if let code = text.flatMap({ Int($0) }), (200...599).contains(code) { response.status = code }
            case .queryString, .path: break
            }
        }
    }

    /// Values come from requests: one that could begin another header is left out.
    private static func change(
        _ headers: inout HTTPHeaders, _ operation: Operation, _ name: String, _ text: String?
    ) {
        let text = text.flatMap { value in value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? value : nil }
        switch (operation, text) {
        case (.remove, _): headers.remove(name)
        case (.append, let text?): headers.add(name, text)
        case (.overwrite, let text?): headers[name] = text
        case (_, nil): break
        }
    }
}
