import AWSProtocol
import Bytes
import Clock
import Foundation
import HTTPTypes
import Seeded
import Signing
import Store
import Testing
import Waiting

@testable import Objects

/// S3 over a real store in a folder of its own, reached through the endpoint.
final class ObjectsBench: Sendable {
    static let start = Timestamp(iso8601Basic: "20260102T030405Z")!
    static let key = Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "secret")

    let folder: String
    let clock = ManualClock(ObjectsBench.start)
    let store: Store
    let service: ObjectsService
    private let endpoint: AWSEndpoint

    /// - Parameter isStrict: verify signatures; otherwise requests need none.
    init(
        isStrict: Bool = false, region: String = "us-east-1", faults: FaultInjector = .none,
        onBatch: @escaping @Sendable (Int) -> Void = { _ in },
        functions: EventQueue = .none, log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        folder = NSTemporaryDirectory() + "objects-\(UUID4.make())"
        store = try Store.open(
            at: folder + "/data", options: Store.Options(faults: faults, onBatch: onBatch), clock: clock)
        service = ObjectsService(
            store: store, configuration: .init(region: region, accountID: "000000000000"), clock: clock,
            functions: functions, log: log)
        endpoint = AWSEndpoint(
            configuration: .init(
                region: region, accountID: "000000000000", credentials: [Self.key],
                acceptAnyCredentials: !isStrict),
            jsonServices: [], restServices: [service.restService], clock: clock)
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var bytes: [UInt8]
        var text: String { String(utf8: bytes) }

        /// The text of the first element of that name.
        func element(_ name: String) -> String? { elements(name).first }

        func elements(_ name: String) -> [String] {
            text.components(separatedBy: "<\(name)>").dropFirst().compactMap {
                $0.components(separatedBy: "</\(name)>").first
            }
        }
    }

    @discardableResult
    func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8] = [],
        host: String = "localhost:4566"
    ) async throws -> Answer {
        try await send(
            HTTPRequest(
                method: method, target: target, headers: HTTPHeaders([("Host", host)] + headers),
                body: .bytes(body)))
    }

    @discardableResult
    func send(_ request: HTTPRequest) async throws -> Answer {
        var request = request
        if request.headers["Content-Length"] == nil, request.headers["Transfer-Encoding"] == nil {
            request.headers["Content-Length"] = String(request.body.length)
        }
        let response = await respond(to: request)
        #expect(response.headers["x-amz-request-id"]?.utf8.count == 16)
        return Answer(
            status: response.status, headers: response.headers, bytes: try response.body.readAll())
    }

    /// As the server does: what is answered at once is the same as what is answered in a task.
    private func respond(to request: HTTPRequest) async -> HTTPResponse {
        let response = await endpoint.respond(to: request)
        guard let immediate = endpoint.answerAtOnce(request) else { return response }
        let random = ["x-amz-request-id", "x-amz-id-2"]
        #expect(immediate.status == response.status)
        #expect(
            immediate.headers.filter { !random.contains($0.name) }.map { "\($0.name): \($0.value)" }
                == response.headers.filter { !random.contains($0.name) }.map { "\($0.name): \($0.value)" })
        #expect(immediate.body.length == response.body.length)
        return immediate
    }

    /// A request whose body is in a file, as the server hands over large ones.
    func spooled(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8],
        inStaging: Bool = true
    ) async throws -> Answer {
        let place = inStaging ? store.blobs.stagingDirectory : folder
        let path = "\(place)/spool-\(UUID4.make())"
        try Data(body).write(to: URL(fileURLWithPath: path))
        let answer = try await send(
            HTTPRequest(
                method: method, target: target, headers: HTTPHeaders([("Host", "localhost")] + headers),
                body: .spooled(SpooledBody(path: path, length: Int64(body.count)))))
        #expect(!FileManager.default.fileExists(atPath: path))
        return answer
    }

    /// A bucket with objects; each holds its own key as text.
    func bucket(_ name: String = "bucket", keys: [String] = []) async throws {
        #expect(try await send("PUT", "/\(name)").status == 200)
        for key in keys {
            let path = PercentEncoding.encode(key, keeping: .unreservedAndSlash)
            #expect(try await send("PUT", "/\(name)/\(path)", [], key.bytes).status == 200)
        }
    }

    func expect(
        _ answer: Answer, _ status: Int, _ code: String, _ message: String, _ more: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
        let start =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code>"
            + "<Message>\(message)</Message>"
        #expect(answer.text.hasPrefix(start), "\(answer.text)", sourceLocation: sourceLocation)
        for element in more {
            #expect(answer.text.contains(element), "\(answer.text)", sourceLocation: sourceLocation)
        }
    }

    /// The blob files on the disk.
    func blobFiles() throws -> [String] {
        let found = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return found.filter { path in
            path.split(separator: "/").last.map { BlobID(String($0)) != nil } ?? false
        }
    }

    /// Files of released bodies go soon after the answer.
    func expectBlobFiles(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let isSo = try await eventually { try blobFiles().count == count }
        let files = try blobFiles()
        #expect(isSo, "\(files.count) files instead of \(count)", sourceLocation: sourceLocation)
    }

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    static let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
    static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
}
