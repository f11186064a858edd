import Glibc

/// An external extension: an executable file in `/opt/extensions`.
struct ExtensionProgram: Equatable {
    /// The file's name, by which it registers.
    let name: String
    /// As the function sees it.
    var path: String { "/opt/extensions/\(name)" }

    /// Those of a folder that stands for `/opt`, by name. Folders in it are not looked at.
    static func find(in layerFolder: String?) -> [ExtensionProgram] {
        guard let layerFolder, let folder = opendir(layerFolder + "/extensions") else { return [] }
        defer { closedir(folder) }
        var programs: [ExtensionProgram] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard stat("\(layerFolder)/extensions/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { continue }
            programs.append(ExtensionProgram(name: name))
        }
        return programs.sorted { $0.name < $1.name }
    }
}
