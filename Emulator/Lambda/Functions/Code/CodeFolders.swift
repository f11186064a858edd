import Bytes
import Digests
import Glibc
import Net

/// The folders in which zips lie unpacked, named by what they were made from. They are a copy of what the store
/// holds: a folder that is missing is made again from its zip, so none of them has to survive anything, and all
/// are gone with the emulator's temporary files.
struct CodeFolders: Sendable {
    /// Holds one folder for each zip and each set of layers.
    let root: String

    func folder(_ digest: String) -> String { "\(root)/\(digest)" }

    func exists(_ digest: String) -> Bool { access(folder(digest), F_OK) == 0 }

    /// The name of the folder in which these layers lie merged; nil for none.
    static func layers(_ digests: [String]) -> String? {
        digests.isEmpty ? nil : "layers-" + SHA256.hex(digests.joined(separator: " "))
    }

    /// Unpacks zips one over the other into the folder called so, unless it is there. Blocks.
    /// - Returns: the bytes of all files; nil when the folder was there.
    @discardableResult
    func make(_ name: String, from zips: [String], limit: Int = CodeLimits.unzipped) throws(CodeFault) -> Int?
    {
        if exists(name) { return nil }
        let (new, size) = try unpack(zips, limit: limit)
        try publish(new, as: name)
        return size
    }

    /// Unpacks zips into a new folder whose name does not count yet.
    func unpack(_ zips: [String], limit: Int) throws(CodeFault) -> (folder: String, size: Int) {
        let new = "\(root)/new-\(UUID4.make())"
        ScratchFolder.makeParents(of: new)
        guard mkdir(new, 0o755) == 0 else {
            throw .machine("\(new): \(String(cString: strerror(errno)))")
        }
        do throws(CodeFault) {
            var size = 0
            for zip in zips { size += try ZipUnpacker.unpack(zip, into: new, limit: limit - size) }
            return (new, size)
        } catch {
            Files.removeTree(new)
            // What is left after the first zips is not what AWS names.
            if case .tooLarge = error { throw .tooLarge(limit: limit) }
            throw error
        }
    }

    /// Gives an unpacked folder its name. One that got the name first is as good.
    func publish(_ new: String, as name: String) throws(CodeFault) {
        if rename(new, folder(name)) == 0 { return }
        let failure = errno
        Files.removeTree(new)
        guard exists(name) else { throw .machine("\(new): \(String(cString: strerror(failure)))") }
    }

    /// The folders that there are; not those that are being filled. Blocks.
    var names: [String] {
        Files.names(in: root).filter { !$0.hasPrefix("new-") && !$0.hasPrefix("old-") }
    }

    /// Whether a folder is there, if one is meant.
    func isThere(_ folder: String?) -> Bool { folder.map { access($0, F_OK) == 0 } ?? true }

    /// Takes folders their names.
    /// - Returns: where they are now, to be removed.
    func setAside(_ names: [String]) -> [String] {
        names.compactMap { name in
            let old = "\(root)/old-\(UUID4.make())"
            return rename(folder(name), old) == 0 ? old : nil
        }
    }
}
