import Clock
import JSON
import Store

/// How far a mapping has come in its stream. It is stored beside the mapping and goes with it, or with the stream.
struct StreamCheckpoint: Sendable, Equatable {
    /// A part of a shard's records, by their keys, that is worked on in its order.
    struct Lane: Sendable, Equatable {
        /// Of the first record that is not done.
        var position: Int64
        /// Begin of the tumbling window that is open, milliseconds, and what the function has made of it so far.
        var window: Int64?
        var state: JSONValue?
    }

    static let untouched = "No records processed"

    var lanes: [Lane]
    /// `LastProcessingResult`.
    var result = untouched

    init(lanes: [Lane], result: String = untouched) {
        self.lanes = lanes
        self.result = result
    }

    /// The same place with another number of lanes. What was done beyond the slowest lane is done again.
    func with(lanes count: Int) -> StreamCheckpoint {
        guard count != lanes.count, let slowest = lanes.min(by: { $0.position < $1.position }) else {
            return self
        }
        let lane = count == 1 || slowest.window == nil ? slowest : Lane(position: slowest.position)
        return StreamCheckpoint(lanes: Array(repeating: lane, count: count), result: result)
    }

    // MARK: - Stored form

    func write(_ uuid: String, in transaction: Transaction) {
        let lanes = lanes.map { lane -> JSONValue in
            var object: JSONObject = ["position": .number(JSONNumber(lane.position))]
            if let window = lane.window { object.append("window", .number(JSONNumber(window))) }
            if let state = lane.state { object.append("state", state) }
            return .object(object)
        }
        let object: JSONObject = ["lanes": .array(lanes), "result": .string(result)]
        transaction.put(.functions, QueueKeys.checkpoint(uuid), object.encoded())
    }

    static func read(_ uuid: String, _ source: some Reading) throws -> StreamCheckpoint? {
        try source.get(.functions, QueueKeys.checkpoint(uuid)).map { try StreamCheckpoint(decoding: $0) }
    }

    /// - Throws: `StoreError` when the bytes are no checkpoint.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        guard let json = try? JSONValue.parse(bytes), let list = json["lanes"]?.array, !list.isEmpty else {
            throw .corrupt("the checkpoint of an event source mapping cannot be read")
        }
        lanes = list.map {
            Lane(
                position: $0["position"]?.int64 ?? 0, window: $0["window"]?.int64, state: $0["state"])
        }
        result = json["result"]?.string ?? Self.untouched
    }
}
