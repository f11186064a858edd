import Foundation
import FoundationNetworking

// The health function as Swift is ordinarily written for Lambda, with Foundation's JSON and URLSession: what ours is
// measured against. Built by packages.py with `swiftc -O -static-stdlib`.

struct Event: Decodable {
    struct Context: Decodable {
        struct HTTP: Decodable { let method: String }
        let requestId: String
        let http: HTTP
    }
    let rawPath: String
    let headers: [String: String]
    let requestContext: Context
}

struct Answer: Encodable {
    let statusCode: Int
    let headers: [String: String]
    let body: String
}

struct Health: Encodable {
    let status = "ok"
    let service = "mumble-serverless"
    let timestamp: String
    let version = "0.1.0"
}

let base =
    "http://\(ProcessInfo.processInfo.environment["AWS_LAMBDA_RUNTIME_API"] ?? "")/2018-06-01/runtime/invocation/"
let session = URLSession(configuration: .ephemeral)
let dates = ISO8601DateFormatter()
dates.formatOptions = [.withInternetDateTime, .withFractionalSeconds]

func handle(_ payload: Data) throws -> Data {
    _ = try JSONDecoder().decode(Event.self, from: payload)
    let body = try JSONEncoder().encode(Health(timestamp: dates.string(from: Date())))
    return try JSONEncoder().encode(
        Answer(
            statusCode: 200, headers: ["content-type": "application/json; charset=utf-8"],
            body: String(decoding: body, as: UTF8.self)))
}

guard let next = URL(string: base + "next") else { exit(64) }
while true {
    var polling = URLRequest(url: next)
    polling.timeoutInterval = 86_400
    let (payload, head) = try await session.data(for: polling)
    guard let id = (head as? HTTPURLResponse)?.value(forHTTPHeaderField: "Lambda-Runtime-Aws-Request-Id"),
        let address = URL(string: base + id + "/response")
    else { exit(70) }
    var response = URLRequest(url: address)
    response.httpMethod = "POST"
    _ = try await session.upload(for: response, from: try handle(payload))
}
