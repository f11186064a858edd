import Clock
import JSON

/// Settings as stored JSON. Members that are not set are absent, so what was stored before there was a member
/// reads well.
extension TableSettings {
    var stored: JSONValue {
        var object = JSONObject()
        object.append("payPerRequestSince", payPerRequestSince)
        object.append("history", throughputHistory.stored)
        if let onDemand { object.append("onDemand", onDemand.stored) }
        if let warm { object.append("warm", warm.stored) }
        if let encryption { object.append("encryptionKey", .string(encryption.keyARN)) }
        return .object(object)
    }

    init(stored json: JSONValue?) {
        payPerRequestSince = json?["payPerRequestSince"]?.timestamp
        throughputHistory = ThroughputHistory(stored: json?["history"])
        onDemand = OnDemandThroughput(stored: json?["onDemand"])
        warm = Throughput(stored: json?["warm"])
        encryption = (json?["encryptionKey"]?.string).map(Encryption.init)
    }
}

extension IndexSettings {
    var stored: JSONValue {
        var object = JSONObject()
        object.append("history", throughputHistory.stored)
        if let onDemand { object.append("onDemand", onDemand.stored) }
        if let warm { object.append("warm", warm.stored) }
        return .object(object)
    }

    init(stored json: JSONValue?) {
        throughputHistory = ThroughputHistory(stored: json?["history"])
        onDemand = OnDemandThroughput(stored: json?["onDemand"])
        warm = Throughput(stored: json?["warm"])
    }
}

extension ThroughputHistory {
    var stored: JSONValue {
        var object = JSONObject()
        object.append("lastIncrease", lastIncrease)
        object.append("lastDecrease", lastDecrease)
        if decreases > 0 { object.append("decreases", .number(JSONNumber(decreases))) }
        return .object(object)
    }

    init(stored json: JSONValue?) {
        lastIncrease = json?["lastIncrease"]?.timestamp
        lastDecrease = json?["lastDecrease"]?.timestamp
        decreases = json?["decreases"]?.int ?? 0
    }
}

extension OnDemandThroughput {
    var stored: JSONValue {
        var object = JSONObject()
        if let maximumRead { object.append("read", .number(JSONNumber(maximumRead))) }
        if let maximumWrite { object.append("write", .number(JSONNumber(maximumWrite))) }
        return .object(object)
    }

    init?(stored json: JSONValue?) {
        guard let json else { return nil }
        self.init(maximumRead: json["read"]?.int, maximumWrite: json["write"]?.int)
    }
}

extension Throughput {
    var stored: JSONValue {
        ["read": .number(JSONNumber(read)), "write": .number(JSONNumber(write))]
    }

    init?(stored json: JSONValue?) {
        guard let read = json?["read"]?.int, let write = json?["write"]?.int else { return nil }
        self.init(read: read, write: write)
    }
}

extension JSONObject {
    fileprivate mutating func append(_ name: String, _ time: Timestamp?) {
        if let time { append(name, .number(JSONNumber(time.milliseconds))) }
    }
}

extension JSONValue {
    fileprivate var timestamp: Timestamp? { int64.map { Timestamp(milliseconds: $0) } }
}
