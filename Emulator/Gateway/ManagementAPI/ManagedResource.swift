import Bytes
import Digests
import JSON

/// What a management call can read: a document, and what lies below its path.
struct ManagedResource: Sendable {
    /// What Get answers; nil where only something below can be asked for.
    var document: JSONObject?
    /// By the path's next part.
    var collections: [String: ManagedCollection] = [:]
    /// By the path's next part, such as the integration of a method.
    var parts: [String: ManagedResource] = [:]

    init(_ document: JSONObject? = nil) { self.document = document }
}

/// Resources of one kind, in their order.
struct ManagedCollection: Sendable {
    /// What an unknown id is called: `Route` of `Invalid Route identifier specified`.
    let kind: String
    /// Whether the refusal of an unknown id names it.
    var namesUnknown = true
    /// Whether it can be listed.
    var isListed = true
    var items: [(id: String, resource: ManagedResource)] = []

    init(_ kind: String, namesUnknown: Bool = true, isListed: Bool = true) {
        self.kind = kind
        self.namesUnknown = namesUnknown
        self.isListed = isListed
    }

    init(_ kind: String, _ documents: [JSONObject], id: String, namesUnknown: Bool = true) {
        self.init(kind, namesUnknown: namesUnknown)
        items = documents.map { ($0[id]?.string ?? "", ManagedResource($0)) }
    }

    func resource(_ id: String) -> ManagedResource? { items.first { $0.id == id }?.resource }
}

extension ManagedResource {
    enum Found {
        case resource(ManagedResource)
        case list(ManagedCollection)
        /// No resource of that kind has that id.
        case unknown(ManagedCollection, id: String)
        /// No call has that path.
        case nothing
    }

    /// Follows a path's decoded parts.
    func find(_ path: ArraySlice<String>) -> Found {
        guard let name = path.first else { return document == nil ? .nothing : .resource(self) }
        let rest = path.dropFirst()
        if let part = parts[name] { return part.find(rest) }
        guard let collection = collections[name] else { return .nothing }
        guard let id = rest.first else { return collection.isListed ? .list(collection) : .nothing }
        guard let resource = collection.resource(id) else { return .unknown(collection, id: id) }
        return resource.find(rest.dropFirst())
    }
}

/// Ids that AWS draws at random are made of what they stand for, so that they are the same after each start.
enum StableIdentifier {
    /// Lower-case letters and digits.
    static func make(_ parts: String..., length: Int = 7) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let digest = SHA256.hash(Array(parts.joined(separator: "\0").utf8))
        return String(
            decoding: digest.prefix(length).map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
    }
}
