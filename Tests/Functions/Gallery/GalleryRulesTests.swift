import AWSClients
import JSON
import LambdaEvents
import Mumble
import TestSupport
import Testing

@testable import Gallery

@Suite struct GalleryRulesTests {
    let world = TestWorld()

    private func list(_ query: [String: String]) throws -> (status: Int, document: JSONValue?) {
        let event = try HTTPAPIEvent.make("GET", "/api/v1/gallery", query: query)
        let answer = try GalleryService(world.dependencies).handle(event, TestWorld.context)
        return (answer.statusCode, answer.document)
    }

    private func ids(_ document: JSONValue?) -> [String] {
        (document?["images"]?.array ?? []).compactMap { $0["imageId"]?.string }
    }

    /// All pages one after the other.
    private func walk(_ user: String, limit: Int) throws -> [[String]] {
        var pages: [[String]] = []
        var query = ["userId": user, "limit": String(limit)]
        while pages.count < 100 {
            let document = try list(query).document
            pages.append(ids(document))
            guard let cursor = document?["nextCursor"]?.string else { return pages }
            query["cursor"] = cursor
        }
        return pages
    }

    @Test(arguments: [(1, 7), (2, 4), (3, 3), (7, 1), (8, 1)])
    func pagesMeetExactly(_ limit: Int, _ pages: Int) throws {
        for number in 1...7 { world.seedImage(number) }
        world.seedImage(8, user: "bob")
        let walked = try walk("ann", limit: limit)
        #expect(walked.flatMap { $0 } == (1...7).map(CountingIdentifiers.id))
        #expect(walked.count == pages)
    }

    @Test func recordingsOfTheUserDoNotShowOrShortenPages() throws {
        for number in 1...3 { world.seedImage(number) }
        for number in 500...720 { world.seedAudio(number) }
        world.seedImage(3000)  // older than all recordings
        #expect(try walk("ann", limit: 2) == [[1, 2], [3, 3000]].map { $0.map(CountingIdentifiers.id) })
    }

    @Test func imagesOfTheSameInstantAreNotLost() throws {
        for number in 1...4 {
            world.seedImage(number)
            var item = world.table.item("IMAGE#\(CountingIdentifiers.id(number))", "METADATA")
            item?["GSI1SK"] = ["S": "2026-01-01T00:00:00.000Z"]
            item?["createdAt"] = ["S": "2026-01-01T00:00:00.000Z"]
            if let item { world.table.seed(item) }
        }
        #expect(Set(try walk("ann", limit: 1).flatMap { $0 }).count == 4)
    }

    @Test func anyChangedCharacterOfACursorIsRefused() throws {
        for number in 1...3 { world.seedImage(number) }
        let cursor = try list(["userId": "ann", "limit": "1"]).document?["nextCursor"]?.string ?? ""
        #expect(cursor.contains("."))
        for position in cursor.indices {
            var forged = cursor
            forged.replaceSubrange(position...position, with: cursor[position] == "A" ? "B" : "A")
            let answer = try list(["userId": "ann", "limit": "1", "cursor": forged])
            #expect(answer.status == 400, "\(forged)")
            #expect(answer.document?["error"]?["code"] == "InvalidCursor")
        }
    }

    @Test func cursorBelongsToItsUser() throws {
        for number in 1...3 { world.seedImage(number) }
        let cursor = try list(["userId": "ann", "limit": "1"]).document?["nextCursor"]?.string ?? ""
        let answer = try list(["userId": "bob", "cursor": cursor])
        #expect(answer.status == 400)
        #expect(
            answer.document?["error"]?["message"] == "query parameter 'cursor' was not issued for this list")
    }

    @Test func cursorOfAnotherDeploymentIsRefused() throws {
        world.seedImage(1)
        let foreign = SignedCursor(secret: "another secret of length", purpose: "gallery")
        let position = GalleryPosition(userID: "ann", createdAt: "2026", imageID: CountingIdentifiers.id(1))
        #expect(try list(["userId": "ann", "cursor": foreign.seal(position.document)]).status == 400)
    }

    private func remove(_ number: Int) throws -> Int {
        let id = CountingIdentifiers.id(number)
        let event = try HTTPAPIEvent.make(
            "DELETE", "/api/v1/gallery/\(id)", parameters: ["imageId": id],
            route: "DELETE /api/v1/gallery/{imageId}")
        return try GalleryService(world.dependencies).handle(event, TestWorld.context).statusCode
    }

    @Test func deleteRemovesObjectThumbnailAndItem() throws {
        world.seedImage(1)
        world.seedImage(2)
        #expect(try remove(1) == 200)
        let kept = CountingIdentifiers.id(2)
        #expect(world.bucket.keys == ["images/\(kept).png", "thumbnails/\(kept).png"])
        #expect(world.table.count == 1)
        #expect(try remove(1) == 404)
    }

    @Test func deleteThatFailedHalfWayCanBeRepeated() throws {
        world.seedImage(1)
        world.table.fail(
            "DeleteItem",
            with: AWSServiceError(code: "TransportError", status: 0, message: "", body: nil, retryable: true))
        #expect(try remove(1) == 503)
        #expect(world.table.count == 1)
        #expect(try remove(1) == 200)
        #expect(world.table.count == 0)
    }

    @Test func startNeedsASecretOfLength() {
        var dependencies = world.dependencies
        dependencies.settings.cursorSecret = nil
        #expect(throws: SettingsError.self) { try GalleryService(dependencies) }
        dependencies.settings.cursorSecret = "short"
        #expect(throws: SettingsError.self) { try GalleryService(dependencies) }
    }
}
