import AWSClients
import JSON
import Mumble

/// One page of a user's images from GSI1, newest first.
///
/// The index also holds the user's recordings, which a filter drops **after** DynamoDB counted them against
/// `Limit`; so a page may need several calls.
struct GalleryQuery: Sendable {
    let table: MumbleTable
    let request: GalleryPageRequest

    /// How many items one call looks at. More than a page, since some will be recordings.
    static let itemsPerCall = 100

    init(_ table: MumbleTable, _ request: GalleryPageRequest) {
        self.table = table
        self.request = request
    }

    /// Items, and whether at least one more follows.
    func page() throws(HandlerError) -> (items: [JSONObject], more: Bool) {
        var found: [JSONObject] = []
        var start = request.start.map { JSONValue.object($0.startKey) }
        repeat {
            let answer = try table.call("Query", input(from: start))
            found += (answer["Items"]?.array ?? []).compactMap(\.object)
            start = answer["LastEvaluatedKey"]
        } while found.count <= request.limit && start != nil
        return (Array(found.prefix(request.limit)), found.count > request.limit)
    }

    private func input(from start: JSONValue?) -> JSONObject {
        var input: JSONObject = [
            "IndexName": .string(AttributeName.userIndex),
            "KeyConditionExpression": "GSI1PK = :user",
            "FilterExpression": "entity = :image",
            "ExpressionAttributeValues": [
                ":user": Attribute.s(TableKey.userIndex(request.userID)), ":image": Attribute.s("IMAGE"),
            ],
            "ScanIndexForward": false,
            "Limit": .number(JSONNumber(Self.itemsPerCall)),
        ]
        input["ExclusiveStartKey"] = start
        return input
    }
}
