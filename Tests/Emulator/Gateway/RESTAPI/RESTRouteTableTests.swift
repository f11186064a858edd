import Testing

@testable import Gateway

@Suite struct RESTRouteTableTests {
    /// As measured on AWS and told in public by those who did (ministack 1423, floci 3399): the resource and the method
    /// are found in one step, so a resource without the method leaves the request to a less specific one.
    @Test(
        arguments: [
            ("GET", "/users/me", "GET /users/{id}"), ("PATCH", "/users/me", "PATCH /users/me"),
            ("GET", "/users/abc", "GET /users/{id}"), ("POST", "/users/me", nil),
            ("GET", "/things/real", "GET /things/real"), ("POST", "/things/real", "ANY /things/{proxy+}"),
            ("GET", "/things", nil), ("GET", "/things/real/x", "ANY /things/{proxy+}"),
            ("GET", "/users/abc/", "GET /users/{id}"), ("GET", "/things/cors", "ANY /things/{proxy+}"),
        ] as [(String, String, String?)])
    func resourceAndMethodAreFoundTogether(_ method: String, _ path: String, _ key: String?) throws {
        let keys = [
            "GET /users/{id}", "PATCH /users/me", "GET /things/real", "ANY /things/{proxy+}",
            "OPTIONS /things/cors",
        ]
        let table = try RESTRouteTable(
            keys.map {
                RESTMethod(
                    key: $0,
                    integration: .mock(
                        MappedIntegration(requestTemplates: [], passthrough: .never, responses: [])))
            })
        #expect(table.match(method: method, path: path)?.method.key == key)
    }
}
