import AWSProtocol
import Clock
import Testing

@testable import Tables

@Suite struct ShardIteratorTests {
    static let location = TableLocation(region: "eu-west-1", accountID: "123456789012")
    static let key = [UInt8](repeating: 7, count: 32)
    static let iterator = ShardIterator(
        stream: StreamARN(table: "t", label: "2024-01-01T00:00:00.000"), shard: 5, position: 9,
        issued: Timestamp(milliseconds: 1_700_000_000_123))

    @Test func anIteratorReadsBackAsItWas() throws {
        let text = Self.iterator.text(at: Self.location, key: Self.key)
        #expect(
            text.hasPrefix(
                "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2024-01-01T00:00:00.000|1|"))
        #expect(try ShardIterator(text, at: Self.location, key: Self.key) == Self.iterator)
    }

    @Test func noChangeOfASingleByteIsAccepted() throws {
        let text = Array(Self.iterator.text(at: Self.location, key: Self.key).utf8)
        for index in text.indices {
            var changed = text
            changed[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let claim = String(decoding: changed, as: UTF8.self)
            #expect(throws: AWSError.self, "\(claim)") {
                try ShardIterator(claim, at: Self.location, key: Self.key)
            }
        }
    }

    @Test func anotherKeyIsRefusedAndSoIsNone() throws {
        let text = Self.iterator.text(at: Self.location, key: Self.key)
        for key in [nil, [], [UInt8](repeating: 8, count: 32)] as [[UInt8]?] {
            #expect(throws: AWSError.self) { try ShardIterator(text, at: Self.location, key: key) }
        }
    }

    @Test func sequenceNumbersGrowAndReadBack() {
        var last = ""
        for number in [0, 1, 9, 10, 99_999, Int64.max] {
            let text = SequenceNumber.text(number)
            #expect(text.utf8.count == 21)
            #expect(text > last)
            #expect(SequenceNumber.number(text) == number)
            last = text
        }
        let others = [
            "", "1", "000000000000000000001", "1000000000000000000001", "1-00000000000000000001",
            "199999999999999999999", "10000000000000000000x",
        ]
        for text in others { #expect(SequenceNumber.number(text) == nil, "\(text)") }
    }

    @Test func namesOfStreams() throws {
        let text = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2024-01-01T00:00:00.000"
        let arn = try StreamARN(text, at: Self.location)
        #expect(arn.table == "t")
        #expect(arn.label == "2024-01-01T00:00:00.000")
        #expect(arn.text(at: Self.location) == text)
        let refused = [
            ("arn:aws:dynamodb:eu-west-1:123456789012:table/t", "ValidationException"),
            ("arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/i", "ValidationException"),
            ("arn:aws:dynamodb:eu-west-1:123456789012:table//stream/l", "ValidationException"),
            ("arn:aws:s3:eu-west-1:123456789012:table/t/stream/l", "ValidationException"),
            ("arn:aws:dynamodb:eu-west-2:123456789012:table/t/stream/l", "ResourceNotFoundException"),
            ("arn:aws:dynamodb:eu-west-1:123456789013:table/t/stream/l", "ResourceNotFoundException"),
        ]
        for (text, code) in refused {
            let error = #expect(throws: AWSError.self) { try StreamARN(text, at: Self.location) }
            #expect(error?.code == code, "\(text)")
        }
    }
}
