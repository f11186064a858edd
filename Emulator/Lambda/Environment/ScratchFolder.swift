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

    /// Removes the folder and all in it; links are not followed. What cannot be removed stays.
    static func remove(_ path: String) {
        // Without O_NOFOLLOW, a link that could not be unlinked would lead out of the folder.
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        guard let folder = fdopendir(descriptor) else {
            close(descriptor)
            return
        }
        defer {
            closedir(folder)
            rmdir(path)
        }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let child = "\(path)/\(name)"
            // A folder refuses to be unlinked.
            if unlink(child) != 0 { remove(child) }
        }
    }
}
