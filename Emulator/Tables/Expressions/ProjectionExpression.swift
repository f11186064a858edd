/// Which parts of items a read returns.
public struct ProjectionExpression: Sendable {
    public let paths: [DocumentPath]
    private let tree: ProjectionNode

    /// - Throws: `ValidationError` that starts with `Invalid ProjectionExpression: `.
    public static func parse(
        _ text: String, attributes: inout ExpressionAttributes
    ) throws(ValidationError) -> ProjectionExpression {
        do throws(ValidationError) {
            let syntax = try ExpressionCache.projection(text)
            if let reserved = syntax.faults.reserved { throw ValidationError(reserved) }
            var paths: [DocumentPath] = []
            for path in syntax.root { paths.append(try attributes.resolve(path)) }
            try DocumentPath.check(paths)
            return ProjectionExpression(paths: paths)
        } catch {
            throw ValidationError("Invalid ProjectionExpression: \(error.message)")
        }
    }

    /// The paths must not overlap.
    public init(paths: [DocumentPath]) {
        self.paths = paths
        tree = ProjectionNode(paths.map { $0.elements[...] })
    }

    /// The item's parts at the paths, in their maps and lists. Lists close up over what is left out.
    public func project(_ item: Item) -> Item {
        guard case .m(let map) = tree.project(.m(item)) else { return [:] }
        return map
    }
}

/// Paths sharing their beginnings.
private indirect enum ProjectionNode: Sendable {
    case everything
    case map([(name: String, node: ProjectionNode)])
    case list([(index: Int, node: ProjectionNode)])

    init(_ paths: [ArraySlice<DocumentPath.Element>]) {
        var groups: [(element: DocumentPath.Element, paths: [ArraySlice<DocumentPath.Element>])] = []
        for path in paths {
            guard let first = path.first else {
                self = .everything
                return
            }
            if let known = groups.firstIndex(where: { $0.element == first }) {
                groups[known].paths.append(path.dropFirst())
            } else {
                groups.append((first, [path.dropFirst()]))
            }
        }
        var (names, indexes): ([(name: String, node: ProjectionNode)], [(index: Int, node: ProjectionNode)]) =
            ([], [])
        for group in groups {
            switch group.element {
            case .name(let name): names.append((name, ProjectionNode(group.paths)))
            case .index(let index): indexes.append((index, ProjectionNode(group.paths)))
            }
        }
        // A mixture was refused as a conflict.
        self = indexes.isEmpty ? .map(names) : .list(indexes.sorted { $0.index < $1.index })
    }

    func project(_ value: AttributeValue) -> AttributeValue? {
        switch (self, value) {
        case (.everything, _): return value
        case (.map(let members), .m(let map)):
            var result = AttributeMap()
            for member in members {
                if let part = map[member.name].flatMap(member.node.project) { result[member.name] = part }
            }
            return result.isEmpty ? nil : .m(result)
        case (.list(let members), .l(let list)):
            let parts = members.compactMap { member in
                member.index < list.count ? member.node.project(list[member.index]) : nil
            }
            return parts.isEmpty ? nil : .l(parts)
        default: return nil
        }
    }
}
