import Bytes
import HTTPTypes
import JSON

/// Where a mapped parameter takes its value from ("Amazon API Gateway API request and response data mapping").
public enum MappingSource: Sendable, Equatable {
    /// `'text'`
    case constant(String)
    /// `method.request.{header|querystring|path}.{name}`
    case parameter(RESTMethod.Parameter)
    /// `method.request.multivalueheader.{name}` and `method.request.multivaluequerystring.{name}`: all values.
    case allValues(RESTMethod.Parameter)
    /// `method.request.body`, or `method.request.body.{path}`
    case body(String)
    /// `context.{name}`
    case context(String)
    /// `stageVariables.{name}`
    case stageVariable(String)
    /// `integration.response.header.{name}`
    case responseHeader(String)
    /// `integration.response.body`, or `integration.response.body.{path}`
    case responseBody(String)

    /// nil for what is no source.
    public init?(_ text: String) {
        if text.utf8.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") {
            self = .constant(String(text.dropFirst().dropLast()))
            return
        }
        if let parameter = RESTMethod.Parameter(text) {
            self = .parameter(parameter)
            return
        }
        let prefixes: [(String, (String) -> MappingSource)] = [
            ("method.request.multivalueheader.", { .allValues(.init(.header, $0)) }),
            ("method.request.multivaluequerystring.", { .allValues(.init(.querystring, $0)) }),
            ("method.request.body.", { .body("$." + $0) }),
            ("context.", { .context($0) }),
            ("stageVariables.", { .stageVariable($0) }),
            ("integration.response.header.", { .responseHeader($0) }),
            ("integration.response.body.", { .responseBody("$." + $0) }),
        ]
        switch text {
        case "method.request.body": self = .body("$")
        case "integration.response.body": self = .responseBody("$")
        default:
            guard let found = prefixes.first(where: { text.hasPrefix($0.0) }), text.count > found.0.count
            else { return nil }
            self = found.1(String(text.dropFirst(found.0.count)))
        }
    }
}

/// Gives mapping sources their values.
struct MappingValues {
    let exchange: RESTExchange
    let context: JSONObject
    /// What the integration answered, if it has.
    var response: (headers: [(name: String, value: String)], body: [UInt8])?

    /// All values; none when there is nothing to map, and the parameter is left out.
    func values(_ source: MappingSource) -> [String] {
        switch source {
        case .constant(let text): return [text]
        case .parameter(let parameter): return exchange.value(parameter).map { [$0] } ?? []
        case .allValues(let parameter):
            return parameter.location == .header
                ? exchange.request.headers.values(parameter.name)
                : exchange.query.filter { $0.name == parameter.name }.map(\.value)
        case .body(let path): return Self.extract(path, from: exchange.body)
        case .context(let path):
            return Self.text(JSONPath("$." + path)?.first(in: .object(context)))
        case .stageVariable(let name):
            return exchange.stage?.variables.first { $0.name == name }.map { [$0.value] } ?? []
        case .responseHeader(let name):
            let found = response?.headers.filter { $0.name.lowercased() == name.lowercased() }
            return found?.map(\.value) ?? []
        case .responseBody(let path): return Self.extract(path, from: response?.body ?? [])
        }
    }

    /// Puts what is mapped into a request for a backend; of a parameter with several values, headers and path take the
    /// last one.
    func put(
        _ parameters: [(target: RESTMethod.Parameter, source: MappingSource)], headers: inout HTTPHeaders,
        query: inout [QueryItem], path: inout [(name: String, value: String)]
    ) {
        for (parameter, source) in parameters {
            let found = values(source)
            guard let value = found.last else { continue }
            switch parameter.location {
            case .header: headers[parameter.name] = value
            case .querystring:
                query.removeAll { $0.name == parameter.name }
                query += found.map { QueryItem(parameter.name, $0) }
            case .path: path.append((parameter.name, value))
            }
        }
    }

    private static func text(_ value: JSONValue?) -> [String] {
        guard let value, !value.isNull else { return [] }
        return [value.string ?? value.encodedString()]
    }

    private static func extract(_ path: String, from body: [UInt8]) -> [String] {
        if path == "$" { return body.isEmpty ? [] : [String(utf8: body)] }
        guard let document = try? JSONValue.parse(body) else { return [] }
        return text(JSONPath(path)?.first(in: document))
    }
}
