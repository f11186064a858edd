import AWSProtocol
import Bytes
import Clock
import HTTPServer
import HTTPTypes
import Objects
import Signing

/// What holds for the readers of requests: heads and bodies, queries, header parameters, claims of signatures.
public enum RequestProperties {
    private static let verifier = SignatureVerifier(
        region: "us-east-1",
        credentials: [
            Credentials(accessKeyID: "AKIDTEST", secretAccessKey: "a secret that no input guesses")
        ],
        acceptsAnyCredentials: false, subresources: ["acl", "retention"])
    private static let now = Timestamp(seconds: 1_767_323_045)

    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let pieces = 1 + Int((bytes.first ?? 0) % 64)
        let wire = Array(bytes.dropFirst())
        let whole = parse(wire, pieces: max(1, wire.count))
        let cut = parse(wire, pieces: pieces)
        try require(whole.log == cut.log, "pieces of \(pieces) bytes: \(cut.log), as a whole: \(whole.log)")
        for head in whole.heads { try check(head) }
        try checkQuery(String(utf8: wire))
        try checkEscapes(wire)
        let fields = FieldParameters(String(utf8: wire))
        _ = fields["boundary"] ?? fields.extended("filename")
    }

    private static func parse(_ wire: [UInt8], pieces: Int) -> (log: String, heads: [HTTPRequestHead]) {
        var parser = HTTPRequestParser()
        var log = ""
        var heads: [HTTPRequestHead] = []
        var body: [UInt8] = []
        var start = 0
        while start < wire.count {
            let end = min(start + pieces, wire.count)
            let isOver = wire[start..<end].withUnsafeBytes { piece -> Bool in
                var input = piece
                while true {
                    switch parser.next(&input) {
                    case .needsInput: return false
                    case .head(let head):
                        heads.append(head)
                        log += "\(head)\n"
                    case .body(let part): body += part
                    case .end:
                        log += "\(body)\n"
                        body = []
                    case .failure(let error):
                        log += "\(body) \(error)\n"
                        return true
                    }
                }
            }
            if isOver { return (log, heads) }
            start = end
        }
        return (log + "\(body)", heads)
    }

    /// No header that reaches a service can carry a line end, and nobody signs without the secret.
    private static func check(_ head: HTTPRequestHead) throws(PropertyFailure) {
        for header in head.headers {
            let text = header.name + header.value
            try require(!text.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }, "a line end in a header")
        }
        let request = HTTPRequest(method: head.method, target: head.target, headers: head.headers)
        for style in [SigningStyle.s3, .standard] {
            let service = style == .s3 ? "s3" : "dynamodb"
            let believed = try? verifier.verify(
                request, service: service, style: style, payloadHash: style == .s3 ? nil : "", now: now)
            if let believed { throw PropertyFailure("believed without a secret: \(believed.identity)") }
        }
    }

    private static func checkQuery(_ raw: String) throws(PropertyFailure) {
        let items = Query.parse(raw, plusIsSpace: false)
        let again = Query.parse(Query.encode(items), plusIsSpace: false)
        // A part without a name and value is not written, as it is not read.
        let kept = items.filter { !($0.name.isEmpty && $0.value.isEmpty) }
        let back = again.filter { !($0.name.isEmpty && $0.value.isEmpty) }
        let isSame = kept.elementsEqual(back) {
            $0.name.utf8.elementsEqual($1.name.utf8) && $0.value.utf8.elementsEqual($1.value.utf8)
        }
        try require(isSame, "another query after writing: \(raw)")
    }

    private static func checkEscapes(_ bytes: [UInt8]) throws(PropertyFailure) {
        for keep in [PercentEncoding.Keep.unreserved, .unreservedAndSlash] {
            let encoded = PercentEncoding.encode(bytes: bytes, keeping: keep)
            try require(
                PercentEncoding.decodeBytes(encoded) == bytes, "another text after encoding: \(encoded)")
        }
    }
}
