import JSON

/// What an extension asks for when it subscribes (AWS Lambda Developer Guide, "Lambda Telemetry API reference").
struct TelemetrySubscription: Equatable {
    enum Category: String {
        case platform, function
        case `extension` = "extension"
    }

    /// Why a document is refused, with 400.
    struct Problem: Error, Equatable {
        let message: String
    }

    let categories: [Category]
    /// Events that are delivered at once.
    var maximumItems = 10_000
    /// Bytes of them.
    var maximumBytes = 262_144
    /// How long the first of them waits, in milliseconds.
    var timeoutMilliseconds = 1000
    /// Where the extension listens: a port of this machine, and a path.
    let port: Int
    let path: String

    init(_ body: [UInt8], _ api: TelemetryAPI) throws(Problem) {
        guard let document = (try? JSONValue.parse(body))?.object else {
            throw Problem(message: "request is not a valid JSON object")
        }
        if let version = document["schemaVersion"] {
            guard let text = version.string, api.schemaVersions.contains(text) else {
                throw Problem(
                    message: "schemaVersion must be one of \(api.schemaVersions.joined(separator: ", "))")
            }
        } else if api == .telemetry {
            throw Problem(message: "schemaVersion is required")
        }
        categories = try Self.categories(document["types"])
        (port, path) = try Self.destination(document["destination"])
        if let buffering = document["buffering"], !buffering.isNull {
            maximumItems = try Self.number(buffering, "maxItems", 1000...10_000, maximumItems)
            maximumBytes = try Self.number(buffering, "maxBytes", 262_144...1_048_576, maximumBytes)
            timeoutMilliseconds = try Self.number(buffering, "timeoutMs", 25...30_000, timeoutMilliseconds)
        }
    }

    private static func categories(_ value: JSONValue?) throws(Problem) -> [Category] {
        guard let types = value?.array, !types.isEmpty else {
            throw Problem(message: "types must be a list of platform, function and extension")
        }
        var categories: [Category] = []
        for type in types {
            guard let category = type.string.flatMap(Category.init) else {
                throw Problem(message: "types must be one of platform, function, extension")
            }
            if !categories.contains(category) { categories.append(category) }
        }
        return categories
    }

    private static func destination(_ value: JSONValue?) throws(Problem) -> (port: Int, path: String) {
        guard let value, value.object != nil else { throw Problem(message: "destination is required") }
        guard value["protocol"]?.string == "HTTP" else {
            throw Problem(message: "destination.protocol must be HTTP")
        }
        guard let uri = value["URI"]?.string, uri.hasPrefix("http://") else {
            throw Problem(message: "destination.URI must be an HTTP URI")
        }
        let rest = uri.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard ["sandbox.localdomain", "sandbox", "localhost", "127.0.0.1"].contains(parts[0]) else {
            throw Problem(message: "destination.URI must name the host sandbox.localdomain")
        }
        guard parts.count == 2, let port = Int(parts[1]), (1...65_535).contains(port) else {
            throw Problem(message: "destination.URI must name a port")
        }
        let path = rest.dropFirst(authority.count)
        return (port, path.isEmpty ? "/" : String(path))
    }

    private static func number(
        _ buffering: JSONValue, _ name: String, _ range: ClosedRange<Int>, _ standard: Int
    ) throws(Problem) -> Int {
        guard let value = buffering[name], !value.isNull else { return standard }
        guard let number = value.int, range.contains(number) else {
            throw Problem(
                message: "buffering.\(name) must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
