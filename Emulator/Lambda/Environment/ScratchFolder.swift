import Glibc

/// The folder of an execution environment.
enum ScratchFolder {
    /// Makes `parent/name`, and `parent` where it is missing.
    static func make(below parent: String, name: String) throws(EnvironmentFailure) -> String {
        let path = "\(parent)/\(name)"
        if mkdir(path, 0o700) == 0 { return path }
        if errno == ENOENT {
            makeParents(of: path)
            if mkdir(path, 0o700) == 0 { return path }
        }
        throw EnvironmentFailure(reason: "cannot make folder \(path): \(String(cString: strerror(errno)))")
    }

    static func makeParents(of path: String) {
        var index = path.startIndex
        while let slash = path[path.index(after: index)...].firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o755)
            index = slash
        }
    }

    /// Removes the folder and all in it; links are not followed.
    static func remove(_ path: String) {
        _ = nftw(path, { name, _, _, _ in name.map { Glibc.remove($0) } ?? 0 }, 16, FTW_DEPTH_PHYS)
    }

    /// `FTW_DEPTH | FTW_PHYS`, constants of an enumeration that C's headers leave without a type.
    private static let FTW_DEPTH_PHYS: Int32 = 8 | 1
}
