import HTTPTypes

/// A call of the Extensions, Telemetry or Logs API, found by method and path.
enum ExtensionsAPICall: Equatable {
    case register
    case next
    case initError
    case exitError
    case subscribe(TelemetryAPI)
    case wrongMethod

    static let identifierHeader = "Lambda-Extension-Identifier"

    /// nil for a path of none of these APIs.
    init?(method: String, path: String) {
        guard let (call, expected) = Self.route(path) else { return nil }
        self = method == expected ? call : .wrongMethod
    }

    private static func route(_ path: String) -> (ExtensionsAPICall, method: String)? {
        switch path {
        case "/2020-01-01/extension/register": (.register, "POST")
        case "/2020-01-01/extension/event/next": (.next, "GET")
        case "/2020-01-01/extension/init/error": (.initError, "POST")
        case "/2020-01-01/extension/exit/error": (.exitError, "POST")
        case "/2020-08-15/logs": (.subscribe(.logs), "PUT")
        case "/2022-07-01/telemetry": (.subscribe(.telemetry), "PUT")
        default: nil
        }
    }
}

/// Two generations of one thing: what a function and its platform say, delivered to extensions.
enum TelemetryAPI: String, Equatable {
    case telemetry = "Telemetry"
    case logs = "Logs"

    /// Versions of the format of events that this API knows.
    var schemaVersions: [String] {
        switch self {
        case .telemetry: ["2022-07-01", "2022-12-13", "2025-01-29"]
        case .logs: ["2020-08-15", "2021-03-18"]
        }
    }
}

/// Why a call is refused: 403 with a type and a text.
struct ExtensionRefusal: Error, Equatable {
    let type: String
    let message: String

    static let missingIdentifier = ExtensionRefusal(
        type: "Extension.MissingExtensionIdentifier", message: "Missing Lambda-Extension-Identifier header")
    static let invalidIdentifier = ExtensionRefusal(
        type: "Extension.InvalidExtensionIdentifier", message: "Invalid Lambda-Extension-Identifier")
    static let emptyName = ExtensionRefusal(
        type: "Extension.InvalidExtensionName", message: "Empty extension name")
    static let registrationClosed = ExtensionRefusal(
        type: "Extension.RegistrationClosed", message: "Extension registration closed already")
    static let nameTaken = ExtensionRefusal(
        type: "Extension.InvalidExtensionState", message: "Extension with this name already registered")
    static let tooMany = ExtensionRefusal(
        type: "Extension.TooManyExtensions",
        message: "Extension limit (\(ExtensionRegistry.maximumCount)) reached")
    static let missingErrorType = ExtensionRefusal(
        type: "Extension.MissingHeader", message: "Lambda-Extension-Function-Error-Type not found")

    static func unknown(_ identifier: String) -> ExtensionRefusal {
        ExtensionRefusal(
            type: "Extension.UnknownExtensionIdentifier", message: "Unknown extension \(identifier)")
    }

    static func format(_ message: String) -> ExtensionRefusal {
        ExtensionRefusal(type: "InvalidRequestFormat", message: message)
    }

    static func event(_ name: String, _ reason: String) -> ExtensionRefusal {
        ExtensionRefusal(type: "Extension.InvalidEventType", message: "\(name): \(reason)")
    }

    /// - Parameter subject: the extension's name or identifier, whatever the call has told.
    static func transition(
        from: ExtensionRegistry.Name, to: ExtensionRegistry.Name, _ subject: String
    ) -> ExtensionRefusal {
        ExtensionRefusal(
            type: "Extension.InvalidExtensionState",
            message: "State transition from \(from.rawValue) to \(to.rawValue) failed for extension "
                + "\(subject). Error: State transition is not allowed")
    }
}
