import HTTPTypes

@testable import HTTPServer

/// What a parser made of a stream, in one comparable value.
struct Parsed: Equatable, CustomStringConvertible {
    struct Request: Equatable {
        var head: HTTPRequestHead
        var body: [UInt8] = []
        var isComplete = false
    }
    var requests: [Request] = []
    var failure: HTTPParseError?

    var description: String {
        requests.map { "\($0.head.method) \($0.head.target) \($0.body.count) \($0.isComplete)" }.joined(
            separator: "; ")
            + (failure.map { " failed: \($0.status) \($0.reason)" } ?? "")
    }
}

/// Feeds `pieces` one after the other and notes all events.
func parse(_ pieces: [ArraySlice<UInt8>], limits: HTTPRequestParser.Limits = .init()) -> Parsed {
    var parser = HTTPRequestParser(limits: limits)
    var result = Parsed()
    for piece in pieces {
        // A copy of its own, so that a slice which outlives its input would be found out.
        Array(piece).withUnsafeBytes { bytes in
            var input = bytes
            events: while true {
                switch parser.next(&input) {
                case .needsInput: break events
                case .head(let head): result.requests.append(.init(head: head))
                case .body(let bytes): result.requests[result.requests.count - 1].body += bytes
                case .end: result.requests[result.requests.count - 1].isComplete = true
                case .failure(let error):
                    result.failure = error
                    break events
                }
            }
        }
        if result.failure != nil { break }
    }
    return result
}

func parse(_ text: String, limits: HTTPRequestParser.Limits = .init()) -> Parsed {
    parse([Array(text.utf8)[...]], limits: limits)
}
