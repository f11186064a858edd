import AWSProtocol
import Bytes
import Synchronization

/// What a request's own document tells the conditions of policies. A policy may have hundreds of conditions, and one
/// request may be held against it many times, so it is read once, and only when a condition asks.
final class RequestDocument: Sendable {
    /// More tags than any request may have are refused by the operation.
    private static let maxTags = 50

    private struct State {
        var hasRoot = false
        var root: XMLElement?
        var hasTags = false
        var tags: [Tag]?
        /// How often the body was read, for tests.
        var reads = 0
    }

    private let request: S3Request
    private let state = Mutex(State())

    init(_ request: S3Request) { self.request = request }

    /// Nil for a document that the operation will refuse.
    var root: XMLElement? { state.withLock { Self.root(of: request, &$0) } }

    /// Tags in `x-amz-tagging`, which is written like a query, or in the document of PutObjectTagging.
    var tags: [Tag]? {
        state.withLock { state -> [Tag]? in
            if state.hasTags { return state.tags }
            state.hasTags = true
            if let header = request.header("x-amz-tagging") {
                state.tags = Query.parse(header).prefix(Self.maxTags).map {
                    Tag(key: $0.name, value: $0.value)
                }
            } else if request.has("tagging"), let set = Self.root(of: request, &state)?.child("TagSet") {
                state.tags = try? TagSet.read(set, for: .object)
            }
            return state.tags
        }
    }

    var reads: Int { state.withLock { $0.reads } }

    private static func root(of request: S3Request, _ state: inout State) -> XMLElement? {
        if state.hasRoot { return state.root }
        state.hasRoot = true
        guard request.http.method == "PUT" else { return nil }
        state.reads += 1
        let document = try? DigestRequired.document(of: request, isRequired: false)
        state.root = document.flatMap { try? XMLReader.parse($0) }
        return state.root
    }
}
