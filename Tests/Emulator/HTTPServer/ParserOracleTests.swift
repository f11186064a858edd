import CHTTPParser
import Foundation
import HTTPTypes
import Seeded
import Testing

@testable import HTTPServer

/// Compares with http_parser, Node's parser of many years, on mutated requests: whatever we accept it must
/// accept with the same meaning. The other way round we may be stricter, which the table tests pin down.
@Suite struct ParserOracleTests {
    @Test func whatWeAcceptTheOracleReadsAlike() {
        let rounds = ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 60_000
        var random = SeededRandom.fresh("whatWeAcceptTheOracleReadsAlike")
        var accepted = 0
        for _ in 0..<rounds {
            let bytes = Self.mutated(&random)
            let ours = parse([bytes[...]])
            // Where the two are different on purpose.
            if ours.requests.contains(where: { !Self.isComparable($0.head) }) { continue }
            let split = parse(Self.pieces(bytes, &random))
            #expect(
                split == ours,
                "seed \(random.seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            guard ours.requests.contains(where: { $0.isComplete }) else { continue }
            accepted += 1
            if bytes.contains(0x09) || String(decoding: bytes, as: UTF8.self).contains("://") { continue }
            let theirs = Oracle.parse(bytes)
            let mine = ours.requests.filter { $0.isComplete }.map { Oracle.Message($0) }
            #expect(
                theirs.prefix(mine.count) == mine[...],
                "seed \(random.seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        // Else the comparison would be about nothing.
        #expect(accepted > rounds / 20)
    }

    /// http_parser knows a list of methods only, keeps absolute targets, lets a request with an upgrade or
    /// without keep-alive end the stream, refuses tabs around a Content-Length, and takes longer names that
    /// begin like Transfer-Encoding for it.
    private static func isComparable(_ head: HTTPRequestHead) -> Bool {
        ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"].contains(head.method)
            && head.target.utf8.first == 0x2F && head.keepsAlive && head.headers["Upgrade"] == nil
            && head.target.utf8.allSatisfy { $0 < 0x80 }
            && head.headers.allSatisfy { name, value in
                value.utf8.allSatisfy { $0 < 0x80 }
                    && !(name.utf8.count > 17 && name.lowercased().hasPrefix("transfer-encoding"))
            }
    }

    private static let good = HTTPRequestParserTests.good.map(\.text).filter {
        !$0.contains("://") && !$0.contains("HTTP/1.9")
    }.map { $0.replacingOccurrences(of: "\t", with: " ") }
    private static let bad = HTTPRequestParserTests.bad.map(\.0).filter { !$0.contains("HTTP/2") }

    private static let snippets = [
        "\r", "\n", "\r\n", " ", "\t", ":", ",", ";", "0", "5", "F", "\u{0}", "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "Connection: keep-alive\r\n", "chunked", "\r\n\r\n",
        "0\r\n\r\n",
    ]

    private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let texts = Int.random(in: 0..<5, using: &random) == 0 ? bad : good
            bytes += Array((texts.randomElement(using: &random) ?? "").utf8)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: (snippets.randomElement(using: &random) ?? "").utf8, at: place)
            default: bytes.insert(bytes[place], at: place)
            }
        }
        return bytes
    }

    private static func pieces(_ bytes: [UInt8], _ random: inout SeededRandom) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
            result.append(bytes[start..<end])
            start = end
        }
        return result
    }
}

private enum Oracle {
    struct Message: Equatable {
        var method = ""
        var target = ""
        var fields: [[String]] = []
        var body: [UInt8] = []

        init() {}

        init(_ request: Parsed.Request) {
            method = request.head.method
            target = request.head.target
            fields = request.head.headers.map { [$0.name, $0.value] }
            body = request.body
        }
    }

    private final class Collector {
        var messages: [Message] = []
        var current = Message()
        var lastWasValue = true
        var inBody = false
    }

    static func parse(_ bytes: [UInt8]) -> [Message] {
        var parser = http_parser()
        http_parser_init(&parser, HTTP_REQUEST)
        var settings = http_parser_settings()
        http_parser_settings_init(&settings)
        settings.on_message_begin = { parser in
            Oracle.collector(parser).current = Message()
            Oracle.collector(parser).inBody = false
            return 0
        }
        settings.on_url = { parser, text, count in
            Oracle.collector(parser).current.target += Oracle.string(text, count)
            return 0
        }
        settings.on_header_field = { parser, text, count in
            let collector = Oracle.collector(parser)
            if collector.inBody { return 0 }
            if collector.lastWasValue { collector.current.fields.append(["", ""]) }
            collector.lastWasValue = false
            collector.current.fields[collector.current.fields.count - 1][0] += Oracle.string(text, count)
            return 0
        }
        settings.on_header_value = { parser, text, count in
            let collector = Oracle.collector(parser)
            if collector.inBody { return 0 }
            collector.lastWasValue = true
            collector.current.fields[collector.current.fields.count - 1][1] += Oracle.string(text, count)
            return 0
        }
        settings.on_headers_complete = { parser in
            let collector = Oracle.collector(parser)
            collector.inBody = true
            collector.lastWasValue = true
            collector.current.method = String(cString: http_method_str(http_method(parser!.pointee.method)))
            return 0
        }
        settings.on_body = { parser, text, count in
            Oracle.collector(parser).current.body += UnsafeRawBufferPointer(start: text, count: count)
            return 0
        }
        settings.on_message_complete = { parser in
            let collector = Oracle.collector(parser)
            collector.messages.append(collector.current)
            return 0
        }
        let collector = Collector()
        parser.data = Unmanaged.passUnretained(collector).toOpaque()
        withExtendedLifetime(collector) {
            bytes.withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) {
                    _ = http_parser_execute(&parser, &settings, $0.baseAddress, $0.count)
                }
            }
        }
        for index in collector.messages.indices {
            collector.messages[index].fields = collector.messages[index].fields.map {
                [$0[0], trimmed($0[1])]
            }
        }
        return collector.messages
    }

    /// http_parser leaves white space at the end of a value.
    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
    }

    private static func collector(_ parser: UnsafeMutablePointer<http_parser>?) -> Collector {
        Unmanaged<Collector>.fromOpaque(parser!.pointee.data).takeUnretainedValue()
    }

    private static func string(_ text: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }
}
