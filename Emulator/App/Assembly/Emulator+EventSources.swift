import AWSProtocol
import Bytes
import Clock
import HTTPTypes
import JSON
import Lambda
import Net
import Objects
import Tables

/// Connects Lambda with the siblings that it must not know: buckets that take records, tables whose streams it follows.
extension Emulator {
    static func neighbours(_ gate: StateGate, _ manifest: Manifest) -> EventNeighbours {
        EventNeighbours(
            bucketExists: { bucket in
                await request(gate, manifest, "HEAD", "/\(bucket)").status == 200
            },
            putObject: { bucket, key, body in
                let path = PercentEncoding.encode(key, keeping: .unreservedAndSlash)
                let response = await request(gate, manifest, "PUT", "/\(bucket)/\(path)", body)
                guard response.status == 200 else {
                    throw CommandFailure(.failure, "S3 answers \(response.status) to a record of Lambda's.")
                }
            },
            streams: StreamReading(
                extent: { arn in
                    let found = await gate.pass { services in
                        Result { try services.tables.followedStream(arn) }
                    }
                    return try found.get().map { StreamExtent(first: $0.first, next: $0.next) }
                },
                page: { arn, position, limit in
                    let found = await gate.pass { services in
                        Result {
                            try services.tables.followedRecords(arn, from: position, limit: limit)
                        }
                    }
                    return try found.get().map { page in
                        StreamPage(
                            shardID: page.shardID,
                            records: page.records.map {
                                StreamRecord(position: $0.position, time: $0.time, json: $0.json)
                            }, next: page.next)
                    }
                }))
    }

    /// A request of Lambda's own to S3, made with the manifest's credentials.
    private static func request(
        _ gate: StateGate, _ manifest: Manifest, _ method: String, _ target: String, _ body: [UInt8] = []
    ) async -> HTTPResponse {
        let request = HTTPRequest(
            method: method, target: target,
            headers: [
                "Host": "s3.\(manifest.region).amazonaws.com", "Content-Length": "\(body.count)",
                "Content-Type": "application/json",
            ], body: .bytes(body))
        let context = AWSContext(
            requestID: UUID4.make().uppercased(), region: manifest.region, accountID: manifest.accountID,
            now: SystemClock().now, identity: .signed(accessKeyID: manifest.credentials.accessKeyID))
        return await gate.pass { services in await services.objects.restService.handle(request, context) }
    }

    /// Makes what the manifest says about event sources: queues, mappings and schedules.
    func declareEventSources() async throws {
        do {
            try await declareFromManifest()
        } catch let error as AWSError {
            throw CommandFailure(
                .invalidData,
                "The event sources of \(options.manifest.path) cannot be used: \(error.message ?? error.code)"
            )
        }
    }

    private func declareFromManifest() async throws {
        let manifest = options.manifest
        try await lambda.declare(queues: manifest.queues)
        var sources: [DeclaredEventSource] = []
        // Functions that are uploaded bring their event sources along.
        for function in options.runsDeployed ? [] : manifest.functions {
            for source in function.eventSources {
                sources.append(
                    DeclaredEventSource(
                        function: function.name, source: try await arn(of: source, function.name),
                        settings: source.settings))
            }
        }
        try await lambda.declare(eventSources: sources)
        lambda.declare(schedules: manifest.schedules)
    }

    private func arn(of source: Manifest.EventSource, _ function: String) async throws -> String {
        switch source.kind {
        case .queue(let name): return Self.arn(ofQueue: name, options.manifest)
        case .table(let name):
            guard let arn = await gate.pass({ $0.tables.streamARN(ofTable: name) }) else {
                throw CommandFailure(
                    .invalidData,
                    "Function '\(function)' has table '\(name)' as an event source, but that table has no stream. "
                        + "Give the table a StreamSpecification in the manifest; if it was made without one, "
                        + "enable the stream with UpdateTable, or delete the table.")
            }
            return arn
        }
    }

    nonisolated static func arn(ofQueue name: String, _ manifest: Manifest) -> String {
        "arn:aws:sqs:\(manifest.region):\(manifest.accountID):\(name)"
    }
}
