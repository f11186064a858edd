/// Something in the manifest that AWS cannot do as the emulator does: where it stands, and one sentence about it.
public struct Undeployable: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names and positions from the root of the manifest: `["httpApi", "routes", "0", "url"]`.
    public let path: [String]
    /// What is wrong and how to mend it; goes on behind the field's name.
    public let sentence: String

    init(_ path: [String], _ sentence: String) {
        self.path = path
        self.sentence = sentence
    }

    public var description: String { "'\(path.joined(separator: "."))' \(sentence)" }
}
