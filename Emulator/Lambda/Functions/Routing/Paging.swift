import AWSProtocol
import Bytes
import JSON

/// `Marker` and `MaxItems` of the list operations. A marker is the place of the last item that was given, so that
/// pages go on where they were although items come and go.
struct Paging {
    /// AWS gives at most 50 of a kind at once, whatever is asked for.
    private static let largestPage = 50

    private let after: String
    private let limit: Int

    /// - Parameter largest: what `MaxItems` may say.
    init(_ request: LambdaRequest, largest: Int = 10_000, _ given: ShapeChecks = ShapeChecks())
        throws(AWSError)
    {
        var checks = given
        var limit = Self.largestPage
        if let text = request.query("MaxItems") {
            guard let number = Int(text) else {
                throw LambdaError.serialization("STRING_VALUE can not be converted to an Integer")
            }
            checks.value(number, at: "maxItems", in: 1...largest)
            limit = min(number, limit)
        }
        try checks.finish()
        self.limit = limit
        guard let marker = request.query("Marker"), !marker.isEmpty else {
            after = ""
            return
        }
        guard let place = Base64Marker.decode(marker) else {
            throw LambdaError.invalidParameter("Invalid pagination token: \(marker)")
        }
        after = place
    }

    /// The items of the page, and what the next one begins after.
    /// - Parameter items: each with its place, in the order of places.
    func page<Item>(_ items: [(place: String, item: Item)]) -> (items: [Item], next: String?) {
        let rest = after.isEmpty ? items[...] : items.drop { $0.place <= after }
        let page = rest.prefix(limit)
        let next = rest.count > page.count ? page.last.map { Base64Marker.encode($0.place) } : nil
        return (page.map(\.item), next)
    }

    /// The page as a document with a list and, if there is more, a marker.
    func document(_ name: String, _ items: [(place: String, item: JSONValue)]) -> JSONObject {
        let (page, next) = page(items)
        var object: JSONObject = [name: .array(page)]
        if let next { object.append("NextMarker", .string(next)) }
        return object
    }
}

/// Markers mean nothing to those who pass them back.
enum Base64Marker {
    static func encode(_ place: String) -> String { Base64.encodeURL(Array(place.utf8)) }

    static func decode(_ marker: String) -> String? {
        Base64.decodeURL(marker).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
