/// Where an entry of a zip goes: the names on the way from the folder that it is unpacked in.
///
/// Names are cut and compared by their bytes, as the kernel does. Seen as characters, a slash can be a part of the one
/// before it, and different names can be equal.
struct ZipEntryName {
    private static let slash = UInt8(ascii: "/")

    /// Far more than packages have, and little enough to look at many of them.
    static let maximumBytes = 1_024
    static let maximumDepth = 64

    /// Never empty names, `.` or `..`.
    let parts: [String]
    /// Whether the name ends in a slash.
    let isFolder: Bool

    var path: String { parts.joined(separator: "/") }

    /// What the path is compared by.
    var key: [UInt8] { Array(path.utf8) }

    /// - Throws: a refusal when the name would lead out of the folder, or cannot be a file's.
    init(_ text: String) throws(CodeFault) {
        let bytes = text.utf8
        guard bytes.first != Self.slash else {
            throw .refused("The entry '\(Self.shown(text))' has an absolute path.")
        }
        guard !bytes.contains(0) else {
            throw .refused("The name of the entry '\(Self.shown(text))' holds a zero byte.")
        }
        let names = Self.names(in: text)
        guard !names.contains(where: Self.isUp) else {
            throw .refused("The entry '\(Self.shown(text))' leads out of the package.")
        }
        guard bytes.count <= Self.maximumBytes, names.count <= Self.maximumDepth,
            !names.contains(where: { $0.count > 255 })
        else { throw .refused("The name of the entry '\(Self.shown(text))' is too long.") }
        parts = names.map { String(Substring($0)) }
        isFolder = bytes.last == Self.slash || names.isEmpty
    }

    /// The names on the way, without empty ones and `.`.
    private static func names(in text: String) -> [Substring.UTF8View] {
        text.utf8.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
    }

    private static func isUp(_ name: Substring.UTF8View) -> Bool { name.elementsEqual("..".utf8) }

    /// What a message shows of a name: not more than a line.
    static func shown(_ text: String) -> String {
        let line = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
        return text.unicodeScalars.count > 120 ? line + "..." : line
    }

    /// Whether a symbolic link with this name may lead to `target`: somewhere inside the package, seen by names
    /// alone. Links to links are looked at again once everything is there.
    func mayLink(to target: String) -> Bool {
        guard !target.isEmpty, target.utf8.first != Self.slash, !target.utf8.contains(0),
            target.utf8.count <= Self.maximumBytes
        else { return false }
        var depth = parts.count - 1
        for name in Self.names(in: target) {
            depth += Self.isUp(name) ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}
