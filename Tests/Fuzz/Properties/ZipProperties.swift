import Glibc
import Lambda
import Net

/// What holds for zips of functions, whatever they are made of.
public enum ZipProperties {
    /// Bytes that may be unpacked: little, so that bombs are met often.
    private static let limit = 65_536

    /// Nothing appears beside the folder that a zip is unpacked in, not more than the limit lies in it, and no link
    /// leads out of it.
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let base = try must("no folder") { () throws(FileError) in
            try Files.makeTemporaryDirectory(in: "/tmp")
        }
        defer { Files.removeTree(base) }
        let folder = "\(base)/folder"
        try must("no zip") { () throws(FileError) in
            try Files.makeDirectories(folder)
            try Files.writeFile("\(base)/zip", bytes)
        }
        var size: Int?
        do throws(CodeFault) {
            size = try ZipUnpacker.unpack("\(base)/zip", into: folder, limit: limit)
        } catch {
            if case .machine(let reason) = error {
                throw PropertyFailure("trouble of the machine: \(reason)")
            }
        }
        try require(Files.names(in: base).sorted() == ["folder", "zip"], "something lies beside the folder")
        guard let size else { return }
        try require(size < limit, "\(size) bytes were unpacked")
        try checkLinks(in: folder, root: Files.absolute(folder) ?? folder)
    }

    private static func checkLinks(in folder: String, root: String) throws(PropertyFailure) {
        for name in Files.names(in: folder) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try checkLinks(in: path, root: root)
            } else if status.st_mode & S_IFMT == S_IFLNK, let place = Files.absolute(path) {
                try require(place == root || place.hasPrefix(root + "/"), "\(path) leads to \(place)")
            }
        }
    }
}
