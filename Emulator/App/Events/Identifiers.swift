import Bytes
import JSON

/// What no two messages or records of an event have in common.
enum Identifiers {
    /// A copy that is another message: its identifiers are fresh, its place in a stream is the next one.
    static func renewed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(renewed))
        case .object(var members):
            for (name, member) in members {
                if case .string(let text) = member {
                    members[name] = .string(fresh(name, text))
                } else {
                    members[name] = renewed(member)
                }
            }
            return .object(members)
        default: return value
        }
    }

    private static func fresh(_ name: String, _ text: String) -> String {
        switch name {
        case "messageId", "MessageId": UUID4.make()
        case "receiptHandle": "AQEB" + hex() + hex()
        case "MessageDeduplicationId": hex()
        // Of Kinesis, it ends with the sequence number; elsewhere it is 32 hexadecimal digits.
        case "eventID": text.contains(":") ? next(text) : hex()
        case "SequenceNumber", "sequenceNumber": next(text)
        default: text
        }
    }

    private static func hex() -> String {
        let random = BufferedRandomNumberGenerator()
        return Hex.encode(random.next()) + Hex.encode(random.next())
    }

    /// One more than the number at the end of a text, with as many digits.
    static func next(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var index = bytes.count - 1
        while index >= 0, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            guard bytes[index] == UInt8(ascii: "9") else {
                bytes[index] += 1
                break
            }
            bytes[index] = UInt8(ascii: "0")
            index -= 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
