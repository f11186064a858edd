/// Where an entry of a zip goes: the names on the way from the folder that it is unpacked in.
struct ZipEntryName: Hashable {
    /// Far more than packages have, and little enough to look at many of them.
    static let maximumBytes = 1_024
    static let maximumDepth = 64

    /// Never empty names, `.` or `..`.
    let parts: [String]
    /// Whether the name ends in a slash.
    let isFolder: Bool

    var path: String { parts.joined(separator: "/") }

    /// - Throws: a refusal when the name would lead out of the folder, or cannot be a file's.
    init(_ text: String) throws(CodeFault) {
        guard text.utf8.first != UInt8(ascii: "/") else {
            throw .refused("The entry '\(Self.shown(text))' has an absolute path.")
        }
        guard !text.utf8.contains(0) else {
            throw .refused("The name of the entry '\(Self.shown(text))' holds a zero byte.")
        }
        let names = Self.names(in: text)
        guard !names.contains("..") else {
            throw .refused("The entry '\(Self.shown(text))' leads out of the package.")
        }
        guard text.utf8.count <= Self.maximumBytes, names.count <= Self.maximumDepth,
            !names.contains(where: { $0.utf8.count > 255 })
        else { throw .refused("The name of the entry '\(Self.shown(text))' is too long.") }
        parts = names
        isFolder = text.utf8.last == UInt8(ascii: "/") || names.isEmpty
    }

    /// What stands between slashes, as the file system sees it: byte by byte. To Swift a slash behind some letters
    /// is a part of them.
    private static func names(in text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }
    }

    /// For comparisons: texts that only look alike are different files.
    var key: [UInt8] { Array(path.utf8) }

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
        guard !target.isEmpty, target.utf8.first != UInt8(ascii: "/"), !target.utf8.contains(0),
            target.utf8.count <= Self.maximumBytes
        else { return false }
        var depth = parts.count - 1
        for name in Self.names(in: target) {
            depth += name == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}
