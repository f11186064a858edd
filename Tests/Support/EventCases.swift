import Foundation
import JSON
import LambdaEvents
import Mumble

/// One event file and the whole answer that belongs to it: `Events/name.json`, `Events/name.expected.json`.
public struct EventCase: Sendable, CustomStringConvertible {
    public var name: String
    public var event: HTTPAPIEvent
    /// The gateway answer, with `body` as a JSON document instead of text.
    public var expected: JSONValue?
    /// nil for a case made in code.
    var expectedPath: String?

    public var description: String { name }

    /// nil when `answer` is the expected one, else both for the failure message.
    ///
    /// With `MUMBLE_RECORD=1` a differing answer replaces the file; the test still fails, so that recording
    /// never passes for testing. Read what was recorded before committing it.
    public func difference(_ answer: HTTPAPIResponse) -> String? {
        let actual = Self.document(answer)
        if actual == expected { return nil }
        if let expectedPath, ProcessInfo.processInfo.environment["MUMBLE_RECORD"] == "1" {
            let text = actual.prettyPrinted() + "\n"
            try? text.write(toFile: expectedPath, atomically: true, encoding: .utf8)
        }
        return
            "\(name)\nexpected \(expected?.prettyPrinted() ?? "(no file)")\nanswered \(actual.prettyPrinted())"
    }

    /// Status, headers and body document in one value.
    public static func document(_ answer: HTTPAPIResponse) -> JSONValue {
        guard var object = answer.json().object else { return .null }
        if let text = object["body"]?.string, let body = try? JSONValue.parse(text) { object["body"] = body }
        return .object(object)
    }
}

public enum EventCases {
    public struct Broken: Error { var path: String, reason: String }

    /// All cases of the folder `Events` beside a test's source file, and for a route that takes JSON one more:
    /// a body of 6 MB, which is too large to be a file.
    public static func load(beside testFile: String, oversizedBodyFor route: String? = nil) throws
        -> [EventCase]
    {
        let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent(
            "Events")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".expected.json") }.sorted()
        let files = try names.map { file in
            let path = folder.appendingPathComponent(file).path
            let name = String(file.dropLast(".json".count))
            let expectedPath = folder.appendingPathComponent(name + ".expected.json").path
            let expected = try? parse(expectedPath)
            return EventCase(
                name: name, event: try HTTPAPIEvent(json: parse(path)), expected: expected,
                expectedPath: expectedPath)
        }
        guard let route else { return files }
        return files + [try oversized(route)]
    }

    private static func oversized(_ route: String) throws -> EventCase {
        let parts = route.split(separator: " ").map(String.init)
        let event = try HTTPAPIEvent.make(
            parts[0], parts[1], headers: ["content-type": "application/json"],
            body: String(repeating: "a", count: 6 * 1024 * 1024))
        let refusal = HandlerError.tooLarge("the body is larger than 262144 bytes")
        let answer = AnswerEncoder(allowOrigin: "*").encode(refusal, requestID: "TestRequest0001=")
        return EventCase(
            name: "body-of-six-megabytes", event: event, expected: EventCase.document(answer),
            expectedPath: nil)
    }

    private static func parse(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Broken(path: path, reason: "cannot be read")
        }
        do {
            return try JSONValue.parse([UInt8](data))
        } catch {
            throw Broken(path: path, reason: "\(error)")
        }
    }
}

/// Events made in code, where a file would be too large or the test needs many alike.
extension HTTPAPIEvent {
    /// An event as the gateway builds it, from the parts that matter here.
    public static func make(
        _ method: String, _ path: String, query: [String: String] = [:], parameters: [String: String] = [:],
        headers: [String: String] = [:], body: String? = nil, isBase64Encoded: Bool = false,
        route: String? = nil
    ) throws -> HTTPAPIEvent {
        func texts(_ texts: [String: String]) -> JSONValue {
            .object(JSONObject(texts.map { ($0.key, JSONValue.string($0.value)) }))
        }
        let routeKey = route ?? "\(method) \(path)"
        var json: JSONObject = [
            "version": "2.0", "routeKey": .string(routeKey), "rawPath": .string(path), "rawQueryString": "",
            "headers": texts(headers), "queryStringParameters": texts(query),
            "requestContext": [
                "accountId": "000000000000", "apiId": "testapi001",
                "domainName": "testapi001.execute-api.us-east-1.amazonaws.com", "domainPrefix": "testapi001",
                "http": [
                    "method": .string(method), "path": .string(path), "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "test",
                ],
                "requestId": "TestRequest0001=", "routeKey": .string(routeKey), "stage": "$default",
                "time": "02/Jan/2026:03:04:05 +0000", "timeEpoch": 1_767_323_045_678,
            ],
            "isBase64Encoded": .bool(isBase64Encoded), "pathParameters": texts(parameters),
        ]
        json["body"] = body.map { .string($0) }
        return try HTTPAPIEvent(json: .object(json))
    }
}

extension HTTPAPIResponse {
    /// The body as a JSON document.
    public var document: JSONValue? { body.flatMap { try? JSONValue.parse($0) } }
}
