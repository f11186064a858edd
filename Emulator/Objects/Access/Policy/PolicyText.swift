import Bytes

/// A text of a policy that may hold wildcards and variables: an action, a resource, a condition's value (IAM
/// User Guide, "IAM policy elements: Variables and tags"). Texts are compared byte by byte, for keys of objects
/// that only look alike are different objects.
struct PolicyText: Sendable, Equatable {
    typealias Glyph = Wildcards.Glyph

    private enum Part: Sendable, Equatable {
        case glyphs([Glyph])
        /// A condition key in lower case, and what stands for it when the request has no such value.
        case variable(String, fallback: String?)
    }

    /// As written.
    let source: String
    private let parts: [Part]

    /// - Parameter hasVariables: policies of 2008 know none.
    init(_ source: String, hasVariables: Bool = true) {
        self.source = source
        parts = Self.parse(source.bytes, hasVariables: hasVariables)
    }

    /// Whether the text means just itself.
    var isFixed: Bool {
        parts.allSatisfy { part in
            guard case .glyphs(let glyphs) = part else { return false }
            return !glyphs.contains(.one) && !glyphs.contains(.many)
        }
    }

    /// Whether `text` fits, wildcards considered.
    func matches(_ text: [UInt8], _ facts: PolicyFacts, ignoringCase: Bool = false) -> Bool {
        guard let glyphs = resolved(facts) else { return false }
        if ignoringCase { return Wildcards.match(Self.lower(glyphs), Self.lower(text)) }
        return Wildcards.match(glyphs, text)
    }

    /// Whether `text` is the same; a wildcard stands for itself, ASCII case may be ignored.
    func equals(_ text: [UInt8], _ facts: PolicyFacts, ignoringCase: Bool = false) -> Bool {
        guard let glyphs = resolved(facts) else { return false }
        let bytes = Self.literal(glyphs)
        return ignoringCase ? Self.lower(bytes) == Self.lower(text) : bytes == text
    }

    // MARK: - Parsing

    private static func parse(_ source: [UInt8], hasVariables: Bool) -> [Part] {
        var parts: [Part] = []
        var glyphs: [Glyph] = []
        var position = 0
        while position < source.count {
            let byte = source[position]
            if hasVariables, byte == UInt8(ascii: "$"), position + 1 < source.count,
                source[position + 1] == UInt8(ascii: "{"),
                let end = source[position...].firstIndex(of: UInt8(ascii: "}"))
            {
                let name = String(utf8: Array(source[(position + 2)..<end]))
                position = end + 1
                if ["*", "?", "$"].contains(name) {
                    glyphs += name.utf8.map { Glyph.byte($0) }
                } else {
                    if !glyphs.isEmpty { parts.append(.glyphs(glyphs)) }
                    glyphs = []
                    parts.append(variable(name))
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "*"): glyphs.append(.many)
            case UInt8(ascii: "?"): glyphs.append(.one)
            default: glyphs.append(.byte(byte))
            }
            position += 1
        }
        if !glyphs.isEmpty { parts.append(.glyphs(glyphs)) }
        return parts
    }

    /// `key` or `key, 'fallback'`.
    private static func variable(_ text: String) -> Part {
        guard let comma = text.firstIndex(of: ",") else {
            return .variable(PolicyFacts.normalised(text), fallback: nil)
        }
        let quoted = text[text.index(after: comma)...].drop { $0 == " " }
        let fallback = quoted.drop { $0 == "'" }.prefix { $0 != "'" }
        return .variable(PolicyFacts.normalised(String(text[..<comma])), fallback: String(fallback))
    }

    /// Nil when a variable has no value: then nothing fits.
    private func resolved(_ facts: PolicyFacts) -> [Glyph]? {
        if parts.count == 1, case .glyphs(let glyphs) = parts[0] { return glyphs }
        var glyphs: [Glyph] = []
        for part in parts {
            switch part {
            case .glyphs(let more): glyphs += more
            case .variable(let key, let fallback):
                guard let value = facts.values(key)?.first ?? fallback else { return nil }
                glyphs += value.utf8.map { Glyph.byte($0) }
            }
        }
        return glyphs
    }

    private static func literal(_ glyphs: [Glyph]) -> [UInt8] {
        glyphs.map { glyph in
            switch glyph {
            case .byte(let byte): byte
            case .one: UInt8(ascii: "?")
            case .many: UInt8(ascii: "*")
            }
        }
    }

    private static func lower(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func lower(_ glyphs: [Glyph]) -> [Glyph] {
        glyphs.map { glyph in
            guard case .byte(let byte) = glyph else { return glyph }
            return .byte((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
        }
    }
}

/// The values that a request has for the keys of conditions.
struct PolicyFacts {
    /// The values for a key as ``normalised(_:)`` spells it; nil when the request has none.
    var values: (_ key: String) -> [String]?

    init(_ values: @escaping (_ key: String) -> [String]?) { self.values = values }

    /// Names of keys are the same in any case, but the name of a tag behind `/` is not.
    static func normalised(_ key: String) -> String {
        guard let slash = key.firstIndex(of: "/") else { return key.lowercased() }
        return key[..<slash].lowercased() + key[slash...]
    }
}
