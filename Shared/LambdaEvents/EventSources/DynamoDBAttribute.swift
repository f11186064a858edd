import Bytes
import JSON
import LambdaEvents

/// An attribute's value as DynamoDB writes it: `{"N": "1"}`.
///
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
public indirect enum DynamoDBAttribute: Sendable {
    case string(String)
    /// Digits as they were written: up to 38 of them, more than a double holds.
    case number(String)
    case binary([UInt8])
    case bool(Bool)
    case null
    case list([DynamoDBAttribute])
    case map([String: DynamoDBAttribute])
    case strings([String])
    case numbers([String])
    case binaries([[UInt8]])

    /// The text of a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The integer of a number, when it is one that fits.
    public var int: Int? { if case .number(let text) = self { JSONNumber(text: text)?.int } else { nil } }

    static func map(_ members: FieldDecoder) throws(EventDecodingError) -> [String: DynamoDBAttribute] {
        var map: [String: DynamoDBAttribute] = [:]
        for name in members.keys { map[name] = try DynamoDBAttribute(members.nested(name)) }
        return map
    }

    init(_ value: FieldDecoder) throws(EventDecodingError) {
        guard value.keys.count == 1, let type = value.keys.first else {
            throw value.here("must have one member that names its type, such as {\"S\": \"text\"}")
        }
        switch type {
        case "S": self = .string(try value.requiredString(type))
        case "N": self = .number(try value.requiredString(type))
        case "B": self = .binary(try value.base64(type))
        case "BOOL": self = .bool(try value.bool(type) ?? false)
        case "NULL": self = .null
        case "M": self = .map(try Self.map(value.nested(type)))
        case "SS": self = .strings(try value.strings(type))
        case "NS": self = .numbers(try value.strings(type))
        case "L":
            var elements: [DynamoDBAttribute] = []
            for element in try value.objects(type) { elements.append(try DynamoDBAttribute(element)) }
            self = .list(elements)
        case "BS":
            var binaries: [[UInt8]] = []
            for text in try value.strings(type) {
                guard let bytes = Base64.decode(text) else { throw value.invalid(type, "is not base64") }
                binaries.append(bytes)
            }
            self = .binaries(binaries)
        default: throw value.here("has a type '\(type)', which DynamoDB does not know")
        }
    }
}
