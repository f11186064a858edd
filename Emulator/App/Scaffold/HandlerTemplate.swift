/// The files of a new handler, by their path in the package.
struct HandlerTemplate {
    let name: HandlerName
    /// Such as `GET`.
    let method: String
    /// Behind `/api/v1`, such as `/greet/{id}`.
    let path: String

    private var module: String { name.module }

    var files: [(path: String, text: String)] {
        let sources = "Functions/\(module)"
        let tests = "Tests/Functions/\(module)"
        return [
            ("\(sources)/main.swift", main), ("\(sources)/\(module)Handler.swift", handler),
            ("\(sources)/\(module)Rules.swift", rules), ("\(tests)/\(module)RulesTests.swift", rulesTests),
            ("\(tests)/\(module)EventTests.swift", eventTests), ("\(tests)/Events/ada.json", event),
            ("\(tests)/Events/ada.expected.json", expected),
        ]
    }

    private var main: String {
        """
        import LambdaRuntime
        import Mumble

        LambdaRuntime.runHTTP {
            let service = \(module)Service(try Dependencies.fromEnvironment())
            return service.handle
        }

        """
    }

    private var handler: String {
        """
        import LambdaEvents
        import LambdaRuntime
        import Mumble

        enum \(module)Endpoint: String, Endpoint {
            case \(name.function) = "\(method) \(path)"
        }

        /// \(method) \(path): greets whom the query names.
        struct \(module)Service: Sendable {
            let dependencies: Dependencies

            init(_ dependencies: Dependencies) { self.dependencies = dependencies }

            func handle(_ event: HTTPAPIEvent, _ context: LambdaContext) -> HTTPAPIResponse {
                MumbleHandler.run(event, context, dependencies) { () throws(HandlerError) in
                    _ = try \(module)Endpoint.match(event)
                    let name = try Inputs(queryOf: event)["name"].text(.prose(maximum: 100))
                    return .ok(\(module)Rules.greeting(for: name))
                }
            }
        }

        """
    }

    private var rules: String {
        """
        import JSON

        /// What the handler decides, without any input or output.
        enum \(module)Rules {
            /// - Parameter name: nil greets the whole world.
            static func greeting(for name: String?) -> JSONObject {
                ["message": .string("Hello, \\(name ?? "world")!")]
            }
        }

        """
    }

    private var rulesTests: String {
        """
        import JSON
        import Testing

        @testable import \(module)

        @Suite struct \(module)RulesTests {
            @Test func greetsByName() {
                #expect(\(module)Rules.greeting(for: "Ada") == ["message": "Hello, Ada!"])
            }

            @Test func greetsTheWorldWithoutAName() {
                #expect(\(module)Rules.greeting(for: nil) == ["message": "Hello, world!"])
            }
        }

        """
    }

    private var eventTests: String {
        """
        import JSON
        import LambdaEvents
        import TestSupport
        import Testing

        @testable import \(module)

        /// Every file in Events, against a fresh world; the whole answer must be the file beside it.
        @Suite struct \(module)EventTests {
            static let cases = try! EventCases.load(beside: #filePath)

            @Test(arguments: cases) func wholeAnswer(_ event: EventCase) throws {
                let world = TestWorld()
                let service = \(module)Service(world.dependencies)
                let difference = event.difference(service.handle(event.event, TestWorld.context))
                #expect(difference == nil, "\\(difference ?? "")")
            }

            @Test func thereAreEvents() { #expect(!Self.cases.isEmpty) }
        }

        """
    }

    /// The route's variables are all `1`.
    private var event: String {
        let route = "\(method) /api/v1\(path)"
        var names: [String] = []
        let plain = path.split(separator: "/").map { segment -> String in
            guard segment.hasPrefix("{") else { return String(segment) }
            names.append(segment.filter { !"{}+".contains($0) })
            return "1"
        }.joined(separator: "/")
        let parameters = names.map { "\"\($0)\": \"1\"" }.joined(separator: ", ")
        return """
            {
              "version": "2.0",
              "routeKey": "\(route)",
              "rawPath": "/api/v1/\(plain)",
              "rawQueryString": "name=Ada",
              "headers": { "accept": "*/*" },
              "queryStringParameters": { "name": "Ada" },
              "requestContext": {
                "http": { "method": "\(method)", "path": "/api/v1/\(plain)" },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "\(route)",
                "stage": "$default"
              },
              "pathParameters": { \(parameters) },
              "isBase64Encoded": false
            }

            """
    }

    private var expected: String {
        """
        {
          "statusCode": 200,
          "headers": {
            "content-type": "application/json; charset=utf-8",
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET,POST,DELETE,OPTIONS",
            "access-control-allow-headers": "content-type,idempotency-key"
          },
          "body": {
            "message": "Hello, Ada!"
          },
          "isBase64Encoded": false
        }

        """
    }
}
