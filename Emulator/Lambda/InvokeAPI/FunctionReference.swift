/// The function named by a request path: a name or one of the ARN forms, with or without a qualifier.
struct FunctionReference: Equatable {
    var name: String
    var region: String?
    var accountID: String?
    var qualifier: String?

    /// - Parameter text: percent-decoded.
    /// - Returns: nil when the text does not fit the pattern.
    init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
        if parts.count > 3, parts.first == "arn" {
            guard parts[1].hasPrefix("aws"), parts[2] == "lambda" else { return nil }
            parts = parts.dropFirst(3)
        }
        // Each prefix is optional, and taken only while a name is left behind it.
        func take(_ fits: (Substring) -> Bool) -> String? {
            guard parts.count > 1, let first = parts.first, fits(first) else { return nil }
            parts = parts.dropFirst()
            return String(first)
        }
        region = take(Self.isRegion)
        accountID = take { $0.utf8.count == 12 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        _ = take { $0 == "function" }
        guard let name = parts.popFirst(), Self.isWord(name, alsoDots: true) else { return nil }
        self.name = String(name)
        if let qualifier = parts.popFirst() {
            guard Self.isQualifier(String(qualifier)) else { return nil }
            self.qualifier = String(qualifier)
        }
        guard parts.isEmpty else { return nil }
    }

    static func isQualifier(_ text: String) -> Bool {
        text == "$LATEST" || isWord(text[...], alsoDots: false)
    }

    private static func isRegion(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), parts[0].utf8.count == 2, parts.last?.utf8.count == 1,
            parts.last.flatMap({ Int($0) }) != nil
        else { return false }
        return parts.dropLast().allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (0x61...0x7a).contains($0) }
        }
    }

    private static func isWord(_ text: Substring, alsoDots: Bool) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
                case 0x2e: alsoDots
                default: false
                }
            }
    }
}
