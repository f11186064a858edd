import JSON

/// Which products have to be built again when a source file changes.
///
/// Read once from `swift package describe --type json`: each target with its folder and what it depends on.
struct SourceMap: Sendable, Equatable {
    /// A folder of sources, without a slash at its end, and the products that are made of it.
    struct Folder: Sendable, Equatable {
        let path: String
        /// Below it, but of other targets.
        let excluded: [String]
        let products: Set<String>
    }

    let folders: [Folder]

    /// Endings of what compilers read.
    private static let sources = [".swift", ".c", ".cc", ".cpp", ".h", ".hpp", ".m", ".modulemap"]

    /// - Parameters:
    ///   - root: the package's folder.
    ///   - products: those that functions are made of; others are nobody's business here.
    /// - Returns: nil when `description` is no description of a package.
    init?(description: JSONValue, root: String, products wanted: Set<String>) {
        guard let targets = description["targets"]?.array, let products = description["products"]?.array
        else {
            return nil
        }
        var needs: [String: [String]] = [:]
        var paths: [String: String] = [:]
        for target in targets {
            guard let name = target["name"]?.string, let path = target["path"]?.string else { return nil }
            needs[name] = target["target_dependencies"]?.array?.compactMap(\.string) ?? []
            paths[name] = path.hasPrefix("/") ? path : "\(root)/\(path)"
        }
        var users: [String: Set<String>] = [:]
        for product in products {
            guard let name = product["name"]?.string, wanted.contains(name) else { continue }
            var open = product["targets"]?.array?.compactMap(\.string) ?? []
            var seen: Set<String> = []
            while let target = open.popLast() {
                guard seen.insert(target).inserted else { continue }
                users[target, default: []].insert(name)
                open += needs[target] ?? []
            }
        }
        folders = paths.compactMap { target, path in
            guard let products = users[target] else { return nil }
            let excluded = paths.values.filter { $0 != path && $0.hasPrefix(path + "/") }
            return Folder(path: path, excluded: excluded.sorted(), products: products)
        }.sorted { $0.path < $1.path }
    }

    /// Without a description: `Functions/Name` makes the product `name`, `Shared` goes into all of them.
    init(root: String, products: Set<String>) {
        let own = products.sorted().map { product in
            Folder(
                path: "\(root)/Functions/\(product.prefix(1).uppercased())\(product.dropFirst())",
                excluded: [], products: [product])
        }
        folders = own + [Folder(path: "\(root)/Shared", excluded: [], products: products)]
    }

    /// The products that a changed file is a part of.
    func products(of file: String) -> Set<String> {
        guard Self.sources.contains(where: file.hasSuffix) else { return [] }
        // What editors write while they save has a dot or a hash in front.
        guard let name = file.split(separator: "/").last, name.first != ".", name.first != "#" else {
            return []
        }
        var found: Set<String> = []
        for folder in folders where file.hasPrefix(folder.path + "/") {
            if folder.excluded.contains(where: { file.hasPrefix($0 + "/") }) { continue }
            found.formUnion(folder.products)
        }
        return found
    }
}
