import HTTPTypes
import Testing

@testable import Gateway

@Suite struct GatewayTests {
    /// An API that says which request reached it.
    private struct Named: GatewayAPI {
        let id: String
        var disabledEndpointAnswer: HTTPResponse?

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(status: 200, body: .bytes(Array("\(id) \(request.target)".utf8)))
        }
    }

    private func answer(_ target: String, host: String? = nil) async -> String {
        let gateway = Gateway([Named(id: "first"), Named(id: "second")])
        var request = HTTPRequest(target: target)
        request.headers["Host"] = host
        let response = await gateway.respond(to: request)
        return response.status == 200
            ? String(decoding: response.body.bytes ?? [], as: UTF8.self) : "\(response.status)"
    }

    @Test func aRequestThatNamesNoAPIIsForTheFirst() async {
        #expect(await answer("/dev/a?b=c", host: "localhost:3000") == "first /dev/a?b=c")
    }

    @Test func theHostNamesTheAPI() async {
        #expect(await answer("/a", host: "second.execute-api.localhost:3000") == "second /a")
        #expect(await answer("/a", host: "second.execute-api.us-east-1.amazonaws.com") == "second /a")
        #expect(await answer("/a", host: "third.execute-api.localhost") == "404")
    }

    @Test func anEndpointThatIsOffAnswersWhoNamesIt() async {
        let gateway = Gateway([Named(id: "off", disabledEndpointAnswer: HTTPResponse(status: 418))])
        for target in ["/_aws/execute-api/off", "/_aws/execute-api/off/a"] {
            #expect(await gateway.respond(to: HTTPRequest(target: target)).status == 418)
            #expect(gateway.refuseBody(of: HTTPRequest(target: target)).status == 418)
        }
        let named = HTTPRequest(target: "/", headers: ["Host": "off.execute-api.localhost"])
        #expect(await gateway.respond(to: named).status == 418)
        #expect(
            await gateway.respond(to: HTTPRequest(target: "/", headers: ["Host": "my.own"])).status == 200)
    }

    @Test func thePathNamesTheAPI() async {
        #expect(await answer("/_aws/execute-api/second/dev/a?b=c") == "second /dev/a?b=c")
        #expect(await answer("/_aws/execute-api/second") == "second /")
        #expect(await answer("/_aws/execute-api/second?b=c") == "second /?b=c")
        #expect(await answer("/_aws/execute-api/third/a") == "404")
    }
}
