import Bytes
import Glibc

/// Takes a `multipart/form-data` body apart (RFC 7578 and RFC 2046, section 5.1), in pieces of any size. Pure:
/// it keeps no more than a part's header lines and hands content out as slices of the input.
package struct MultipartFormParser {
    /// The names that a part gives itself in `Content-Disposition`.
    package struct Part: Sendable, Equatable {
        package var name: String
        /// Nil when the part has none; browsers send an empty one for a file that nobody chose.
        package var filename: String?
    }

    package enum Event {
        case part(Part)
        /// Content of the part that was announced last.
        case content(UnsafeRawBufferPointer)
        /// The end of that content.
        case partEnd
    }

    package struct Malformed: Error, Equatable {
        var reason: String
    }

    private enum State {
        /// What precedes the first part; nobody reads it.
        case preamble
        /// What follows a delimiter on its line: nothing, or the two dashes that end the body.
        case delimiterLine
        case headers
        case content
        /// What follows the last delimiter; nobody reads it.
        case done
    }

    /// RFC 2046 allows 70; browsers stay below, some libraries do not.
    private static let longestBoundary = 256
    /// Header lines of one part together, bytes.
    private static let longestHead = 8 << 10

    private var state = State.preamble
    /// A line end, two dashes and the boundary. It begins with the only carriage return it has, so a match that
    /// fails can begin anew nowhere but at the byte where it failed.
    private let delimiter: [UInt8]
    /// Bytes of the delimiter that the input has shown so far.
    private var matched: Int
    private var line: [UInt8] = []
    private var headBytes = 0
    private var part: Part?
    /// Bytes that were fed so far.
    package private(set) var consumed: Int64 = 0

    /// - Parameter contentType: the request's; nil when it has no boundary to offer.
    package init?(contentType: String) {
        guard let boundary = FieldParameters(contentType)["boundary"], !boundary.isEmpty,
            boundary.utf8.count <= Self.longestBoundary,
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        delimiter = "\r\n--\(boundary)".bytes
        // The body may begin with the delimiter without its line end.
        matched = 2
    }

    /// Of the last delimiter with its dashes and line end.
    var endBytes: Int64 { Int64(delimiter.count) + 4 }

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Takes the next bytes as sent.
    package mutating func feed(_ input: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws {
        consumed += Int64(input.count)
        var rest = input
        while !rest.isEmpty {
            switch state {
            case .preamble:
                if try find(&rest, { _ in }) { state = .delimiterLine }
            case .content:
                if try find(&rest, { try handle(.content($0)) }) {
                    try handle(.partEnd)
                    state = .delimiterLine
                }
            case .delimiterLine, .headers:
                guard try takeLine(&rest) else { return }
                defer { line.removeAll(keepingCapacity: true) }
                if case .delimiterLine = state {
                    try endDelimiterLine()
                } else if let part = try takeHeader() {
                    state = .content
                    try handle(.part(part))
                }
            case .done: return
            }
        }
    }

    /// Checks that the body ended where it should.
    package func finish() throws(Malformed) {
        if case .done = state { return }
        // The last delimiter need not end in a line end.
        if case .delimiterLine = state, line.starts(with: "--".utf8) { return }
        throw Malformed(reason: "the last boundary is missing")
    }

    // MARK: - Content

    /// Hands on what precedes the next delimiter, and says whether the delimiter itself has come.
    private mutating func find(
        _ rest: inout UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        if matched > 0 {
            let wanted = delimiter.count - matched
            let count = min(wanted, rest.count)
            if rest.prefix(count).elementsEqual(delimiter[matched..<matched + count]) {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                matched = count == wanted ? 0 : matched + count
                return count == wanted
            }
            // What looked like a delimiter was content. At the very beginning there is a part of it only.
            let same = zip(rest, delimiter[matched...]).prefix { $0 == $1 }.count
            let held = Array(delimiter[..<(matched + same)])
            matched = 0
            rest = UnsafeRawBufferPointer(rebasing: rest[same...])
            try held.withUnsafeBytes { try emit($0) }
        }
        var search = 0
        while let base = rest.baseAddress, let hit = memchr(base + search, 0x0D, rest.count - search) {
            let start = UnsafeRawPointer(hit) - base
            let count = min(delimiter.count, rest.count - start)
            guard rest[start..<start + count].elementsEqual(delimiter.prefix(count)) else {
                search = start + 1
                continue
            }
            if start > 0 { try emit(UnsafeRawBufferPointer(rebasing: rest[..<start])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[(start + count)...])
            matched = count == delimiter.count ? 0 : count
            return count == delimiter.count
        }
        if !rest.isEmpty { try emit(rest) }
        rest = UnsafeRawBufferPointer(rebasing: rest[rest.endIndex...])
        return false
    }

    // MARK: - Lines

    /// Whether `line` is complete now; it then has no line end.
    private mutating func takeLine(_ rest: inout UnsafeRawBufferPointer) throws(Malformed) -> Bool {
        let end = rest.firstIndex(of: 0x0A)
        let piece = rest[..<(end ?? rest.endIndex)]
        headBytes += piece.count + 1
        guard headBytes <= Self.longestHead else { throw Malformed(reason: "a part's head is too long") }
        line.append(contentsOf: piece)
        rest = UnsafeRawBufferPointer(rebasing: rest[(end.map { $0 + 1 } ?? rest.endIndex)...])
        guard end != nil else { return false }
        if line.last == 0x0D { line.removeLast() }
        return true
    }

    private mutating func endDelimiterLine() throws(Malformed) {
        headBytes = 0
        part = nil
        if line.starts(with: "--".utf8) {
            state = .done
            return
        }
        // Transport padding (RFC 2046, section 5.1.1).
        guard line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
            throw Malformed(reason: "a boundary is followed by something else")
        }
        state = .headers
    }

    /// The part once its head is complete.
    private mutating func takeHeader() throws(Malformed) -> Part? {
        if line.isEmpty {
            guard let part else { throw Malformed(reason: "a part has no name") }
            return part
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw Malformed(reason: "a part's head is not UTF-8")
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw Malformed(reason: "a header field has no colon")
        }
        guard text[..<colon].lowercased() == "content-disposition" else { return nil }
        let fields = FieldParameters(String(text[text.utf8.index(after: colon)...]))
        guard fields.value == "form-data", let name = fields["name"] else {
            throw Malformed(reason: "a part is no form field")
        }
        part = Part(name: name, filename: fields["filename"] ?? fields.extended("filename"))
        return nil
    }
}
