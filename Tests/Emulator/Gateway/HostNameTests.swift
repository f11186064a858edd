import HTTPTypes
import Testing

@testable import Gateway

@Suite struct HostNameTests {
    @Test(arguments: [
        ("h", "h", "80"), ("h:81", "h", "81"), ("a.b.c:3000", "a.b.c", "3000"), ("[::1]", "[::1]", "80"),
        ("[::1]:8080", "[::1]", "8080"), ("", "", "80"), ("h:", "h", ""),
    ])
    func aHostIsTakenApart(_ host: String, _ domain: String, _ port: String) {
        let name = HostName(host)
        #expect(name.domain == domain)
        #expect(name.port == port)
    }

    @Test func allForwardersAreNamedInOneWay() {
        var request = HTTPRequest(
            method: "GET", target: "/", headers: ["X-Forwarded-For": "1.1.1.1"], peerAddress: "3.3.3.3")
        #expect(request.forwardedFor == "1.1.1.1, 3.3.3.3")
        request.headers.add("x-forwarded-for", "2.2.2.2")
        #expect(request.forwardedFor == "1.1.1.1, 2.2.2.2, 3.3.3.3")
        #expect(EventHeaders(request, traceID: "").json["x-forwarded-for"] == "1.1.1.1, 2.2.2.2, 3.3.3.3")
    }
}
