import Clock
import JSON
import Store

/// An event that was accepted with `202` and waits for its function, as the store keeps it.
struct AsyncEvent: Sendable, Equatable {
    /// The same for all attempts.
    var requestID: String
    /// Name of the function.
    var function: String
    /// As it was invoked; nil without one.
    var qualifier: String?
    var traceID: String?
    /// In whose name the call is made, for functions that keep their tenants apart.
    var tenantID: String?
    var accepted: Timestamp
    /// Attempts after which the function had failed.
    var failures = 0
    /// Destinations that led here one after the other.
    var hops = 0
    /// JSON text.
    var payload: [UInt8]

    init(
        function: String, qualifier: String? = nil, payload: [UInt8], requestID: String,
        traceID: String? = nil,
        accepted: Timestamp, failures: Int = 0, hops: Int = 0
    ) {
        self.function = function
        self.qualifier = qualifier
        self.payload = payload
        self.requestID = requestID
        self.traceID = traceID
        self.accepted = accepted
        self.failures = failures
        self.hops = hops
    }

    func encoded() -> [UInt8] {
        var head: JSONObject = [
            "id": .string(requestID), "function": .string(function),
            "accepted": .number(JSONNumber(accepted.milliseconds)),
        ]
        if let qualifier { head.append("qualifier", .string(qualifier)) }
        if let traceID { head.append("trace", .string(traceID)) }
        if let tenantID { head.append("tenant", .string(tenantID)) }
        if failures > 0 { head.append("failures", .number(JSONNumber(failures))) }
        if hops > 0 { head.append("hops", .number(JSONNumber(hops))) }
        return StoredDocument.encode(head, body: payload)
    }

    /// - Throws: `StoreError` when the bytes are no event.
    init(decoding bytes: [UInt8]) throws(StoreError) {
        let (head, body) = try StoredDocument.decode(bytes, "an event that waits for its function")
        guard let requestID = head["id"]?.string, let function = head["function"]?.string,
            let accepted = head["accepted"]?.int64
        else { throw .corrupt("an event that waits for its function cannot be read") }
        self.init(
            function: function, qualifier: head["qualifier"]?.string, payload: body, requestID: requestID,
            traceID: head["trace"]?.string, accepted: Timestamp(milliseconds: accepted),
            failures: head["failures"]?.int ?? 0, hops: head["hops"]?.int ?? 0)
        tenantID = head["tenant"]?.string
    }
}

/// What is stored of an entry of the queue: a version, a JSON object that tells about it, and bytes as they came.
enum StoredDocument {
    private static let version: UInt8 = 1

    static func encode(_ head: JSONObject, body: [UInt8]) -> [UInt8] {
        let head = head.encoded()
        var bytes: [UInt8] = [version]
        bytes.reserveCapacity(5 + head.count + body.count)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: head.count >> shift)) }
        bytes += head
        bytes += body
        return bytes
    }

    /// - Parameter what: names the entry if it is damaged.
    static func decode(
        _ bytes: [UInt8], _ what: String
    ) throws(StoreError) -> (head: JSONObject, body: [UInt8]) {
        guard bytes.count >= 5, bytes[0] == version else { throw .corrupt("\(what) cannot be read") }
        let count = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 5 + count,
            let head = (try? JSONValue.parse(Array(bytes[5..<(5 + count)])))?.object
        else { throw .corrupt("\(what) cannot be read") }
        return (head, Array(bytes[(5 + count)...]))
    }
}
