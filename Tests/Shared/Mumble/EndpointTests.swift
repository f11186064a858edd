import LambdaEvents
import Mumble
import TestSupport
import Testing

@Suite struct EndpointTests {
    enum Notes: String, Endpoint {
        case list = "GET /notes"
        case one = "GET /notes/{id}"
        case remove = "DELETE /notes/{id}"
    }

    private func match(
        _ method: String, _ path: String, route: String = "$default", parameters: [String: String] = [:]
    ) throws -> (Notes, [String: String]) {
        let event = try HTTPAPIEvent.make(method, path, parameters: parameters, route: route)
        let (endpoint, parameters) = try Notes.match(event)
        return (endpoint, parameters)
    }

    @Test func theGatewaysRouteIsTrusted() throws {
        let (endpoint, parameters) = try match(
            "GET", "/api/v1/notes/a/b", route: "GET /api/v1/notes/{id}", parameters: ["id": "a/b"])
        #expect(endpoint == .one)
        #expect(parameters == ["id": "a/b"])
    }

    @Test func behindACatchAllThePathDecides() throws {
        #expect(try match("GET", "/api/v1/notes").0 == .list)
        let (endpoint, parameters) = try match("DELETE", "/prod/api/v1/notes/7")
        #expect(endpoint == .remove)
        #expect(parameters == ["id": "7"])
    }

    @Test(arguments: [
        "/api/v1/notes/", "/api/v1/notes/1/2", "/api/v1", "/", "/notes/a/b", "/api/v1/note", "",
    ])
    func unknownPathsAre404(_ path: String) {
        #expect { try match("GET", path) } throws: { ($0 as? HandlerError)?.status == 404 }
    }

    @Test func wrongMethodNamesTheRightOnes() {
        #expect {
            try match("PATCH", "/api/v1/notes/1")
        } throws: { error in
            let error = error as? HandlerError
            return error?.status == 405 && error?.headers["allow"] == "DELETE, GET"
        }
    }
}
