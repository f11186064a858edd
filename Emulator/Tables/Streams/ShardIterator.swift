import AWSProtocol
import Bytes
import Clock
import Digests
import Store

/// A place in a shard, as clients hold it. All of it stands in the text, so iterators outlive a restart; a code
/// over the text keeps anyone from making one up.
struct ShardIterator: Sendable, Equatable {
    /// Iterators live this long (Amazon DynamoDB Streams API Reference, "GetShardIterator").
    static let lifeMilliseconds: Int64 = 15 * 60_000

    private static let version: UInt8 = 1
    private static let contentLength = 25
    private static let codeLength = 16

    let stream: StreamARN
    /// Number of the shard's first record, which tells it from the stream's others.
    let shard: Int64
    /// Number of the next record to be read.
    let position: Int64
    let issued: Timestamp

    /// AWS's form: the stream's name, a number, and what only the service understands.
    func text(at location: TableLocation, key: [UInt8]) -> String {
        let arn = stream.text(at: location)
        var content: [UInt8] = [Self.version]
        for part in [shard, position, issued.milliseconds] {
            KeyEncoding.append(UInt64(bitPattern: part), to: &content)
        }
        return "\(arn)|1|\(Base64.encode(content + Self.code(arn, content, key)))"
    }

    /// - Throws: `ValidationException` for what this service has not issued.
    init(_ text: String, at location: TableLocation, key: [UInt8]?) throws {
        let invalid = TableErrors.validation("Invalid ShardIterator")
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard let key, parts.count == 3, parts[1] == "1", let bytes = Base64.decode(String(parts[2])),
            bytes.count == Self.contentLength + Self.codeLength, bytes[0] == Self.version
        else { throw invalid }
        let content = Array(bytes[..<Self.contentLength])
        guard Self.isSame(Self.code(String(parts[0]), content, key), bytes[Self.contentLength...]) else {
            throw invalid
        }
        func number(_ offset: Int) -> Int64 {
            content[offset..<offset + 8].reduce(0) { $0 << 8 | Int64($1) }
        }
        stream = try StreamARN(String(parts[0]), at: location)
        shard = number(1)
        position = number(9)
        issued = Timestamp(milliseconds: number(17))
    }

    init(stream: StreamARN, shard: Int64, position: Int64, issued: Timestamp) {
        self.stream = stream
        self.shard = shard
        self.position = position
        self.issued = issued
    }

    private static func code(_ arn: String, _ content: [UInt8], _ key: [UInt8]) -> ArraySlice<UInt8> {
        HMAC.sha256(key: key, content + Array(arn.utf8)).prefix(codeLength)
    }

    /// Takes the same time wherever the codes differ.
    private static func isSame(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The secret that iterators are made with. It is stored with the first stream.
enum IteratorKey {
    static let storedKey = Array("dynamodb/stream-iterator-key".utf8)

    static func read(_ source: some Reading) throws -> [UInt8]? { try source.get(.settings, storedKey) }

    static func ensure(in transaction: Transaction) throws {
        guard try read(transaction) == nil else { return }
        var secret: [UInt8] = []
        for _ in 0..<4 { KeyEncoding.append(UInt64.random(in: .min ... .max), to: &secret) }
        transaction.put(.settings, storedKey, secret)
    }
}
