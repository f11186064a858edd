import Net

/// One line for each request to a stage, by a format with `$context` variables ("Set up logging for an HTTP API").
public final class AccessLog: Sendable {
    private let format: AccessLogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameter write: puts a line, without its end, where the log is.
    public init(_ format: AccessLogFormat, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        self.write = write
    }

    /// - Parameter value: of a variable without its `$context.`; nil prints as `-`.
    func record(_ value: (String) -> String?) { write(format.line(value)) }
}

/// `AccessLogSettings.Format` taken apart.
public struct AccessLogFormat: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case literal(String)
        case variable(String)
    }

    /// Bytes; "Quotas for configuring and running an HTTP API".
    private static let largest = 3_072

    /// As it was given.
    public let text: String
    private let parts: [Part]

    /// - Throws: what is wrong and how to mend it.
    public init(_ text: String) throws(RouteError) {
        guard text.utf8.count <= Self.largest else {
            throw RouteError(
                description: "is longer than the \(Self.largest) bytes that AWS allows; shorten it.")
        }
        guard !text.contains("\n") else { throw RouteError(description: "has to be a single line.") }
        var parts: [Part] = []
        var rest = text[...]
        while let range = rest.firstRange(of: "$context.") {
            if range.lowerBound > rest.startIndex {
                parts.append(.literal(String(rest[..<range.lowerBound])))
            }
            // Only the names that authorizers give may have hyphens, which stand between variables as well.
            let marks = rest[range.upperBound...].hasPrefix("authorizer.") ? "_.:-" : "_.:"
            var name = rest[range.upperBound...].prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || marks.contains($0))
            }
            while let last = name.last, ".:-".contains(last) { name = name.dropLast() }
            parts.append(.variable(String(name)))
            rest = rest[name.endIndex...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        guard parts.contains(.variable("requestId")) || parts.contains(.variable("extendedRequestId")) else {
            throw RouteError(
                description:
                    "lacks $context.requestId, or $context.extendedRequestId, which AWS wants in it; add one."
            )
        }
        self.text = text
        self.parts = parts
    }

    func line(_ value: (String) -> String?) -> String {
        var line = ""
        for part in parts {
            switch part {
            case .literal(let text): line += text
            // The one variable that brings its own quotes.
            case .variable("error.messageString"): line += value("error.messageString") ?? "-"
            case .variable(let name): line += value(name).map { Self.escaped($0) } ?? "-"
            }
        }
        return line
    }

    /// What comes from clients must neither end the line nor the quotes that a format puts around it.
    private static func escaped(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }
        guard !isPlain else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
