import AWSProtocol
import Bytes
import Clock

/// How listings write names and times.
struct ListingText: Sendable {
    private let isURLEncoded: Bool

    /// Reads `encoding-type`.
    init(_ request: S3Request) throws(AWSError) {
        guard let type = request.value("encoding-type") else {
            isURLEncoded = false
            return
        }
        guard type == "url" else {
            throw .invalidArgument(
                "Invalid Encoding Method specified in Request", name: "encoding-type", value: type)
        }
        isURLEncoded = true
    }

    /// A name as the client asked for it.
    func name(_ bytes: [UInt8]) -> String { isURLEncoded ? Self.urlEncoded(bytes) : String(utf8: bytes) }

    /// The same as an element; listings write thousands of them.
    func write(_ element: String, _ name: [UInt8], to xml: inout XMLWriter) {
        xml.text(element, utf8: isURLEncoded ? Self.urlEncodedBytes(name) : name)
    }

    func writeEncodingType(to xml: inout XMLWriter) {
        if isURLEncoded { xml.text("EncodingType", "url") }
    }

    /// Whole seconds with an empty fraction, as S3 shows all its times.
    static func time(_ time: Timestamp) -> String {
        var text = time.iso8601Seconds
        text.removeLast()
        text.append(".000Z")
        return text
    }

    /// Form encoding as Java's URLEncoder does it, but with `/` left alone: a space is `+`.
    static func urlEncoded(_ bytes: [UInt8]) -> String { String(utf8: urlEncodedBytes(bytes)) }

    private static func urlEncodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "/"):
                text.append(byte)
            case 0x20: text.append(UInt8(ascii: "+"))
            default:
                text.append(UInt8(ascii: "%"))
                text.append(hexDigit(byte >> 4))
                text.append(hexDigit(byte & 15))
            }
        }
        return text
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
    }
}

/// The opaque token of a listing's next page.
enum ContinuationToken {
    private static let version: UInt8 = 1

    static func encode(_ name: [UInt8]) -> String { Base64.encode([version] + name) }

    static func decode(_ token: String) throws(AWSError) -> [UInt8] {
        guard let bytes = Base64.decode(token), bytes.first == version else {
            throw .invalidArgument(
                "The continuation token provided is incorrect", name: "continuation-token", value: nil)
        }
        return Array(bytes.dropFirst())
    }
}

/// The parameters that both kinds of object listing share.
struct ListingParameters: Sendable {
    static let pageSize = 1000

    var prefix: [UInt8]
    /// Empty: none.
    var delimiter: [UInt8]
    /// As asked for, even above what a page holds.
    var maxKeys: Int
    var text: ListingText
    /// Whether entries tell of restored copies of archived objects.
    var showsRestores: Bool

    init(_ request: S3Request) throws(AWSError) {
        prefix = (request.value("prefix") ?? "").bytes
        delimiter = (request.value("delimiter") ?? "").bytes
        text = try ListingText(request)
        maxKeys = try Self.count(request, "max-keys", argument: "maxKeys")
        showsRestores = request.header("x-amz-optional-object-attributes") == "RestoreStatus"
    }

    func scan(_ bucket: String, _ start: ListingStart) -> ListingScan {
        ListingScan(
            bucket: bucket, prefix: prefix, delimiter: delimiter, start: start,
            maxKeys: min(maxKeys, Self.pageSize))
    }

    /// A page size, or another number of that range, out of the query.
    /// - Parameter absent: what an absent or empty one stands for.
    static func count(
        _ request: S3Request, _ name: String, argument: String, absent: Int = pageSize
    ) throws(AWSError) -> Int {
        guard let text = request.value(name), !text.isEmpty else { return absent }
        guard let count = Int(text), count <= Int(Int32.max) else {
            throw .invalidArgument(
                "Provided \(name) not an integer or within integer range", name: name, value: text)
        }
        guard count >= 0 else {
            throw .invalidArgument(
                "Argument \(argument) must be an integer between 0 and 2147483647", name: name,
                value: text)
        }
        return count
    }

    /// The part of the answer that both listings share: keys, then common prefixes.
    func write(_ page: ListingPage, ownerID: String?, to xml: inout XMLWriter) {
        xml.reserve(page.entries.count * 400)
        // Neighbours were often written within the same second.
        var (second, time) = (Int64.min, "")
        for case .object(let key, let record) in page.entries {
            if record.lastModified.milliseconds / 1000 != second {
                second = record.lastModified.milliseconds / 1000
                time = ListingText.time(record.lastModified)
            }
            xml.element("Contents") { xml in
                text.write("Key", key, to: &xml)
                xml.text("LastModified", time)
                write(descriptionOf: record, ownerID: ownerID, to: &xml)
            }
        }
        for case .commonPrefix(let prefix) in page.entries {
            xml.element("CommonPrefixes") { text.write("Prefix", prefix, to: &$0) }
        }
    }

    /// What is the same for keys and for versions.
    func write(descriptionOf record: ObjectRecord, ownerID: String?, to xml: inout XMLWriter) {
        xml.text("ETag", ETag.quoted(record.etag))
        xml.text("ChecksumAlgorithm", record.checksum.algorithm.rawValue)
        xml.text("ChecksumType", record.checksum.kind.rawValue)
        xml.text("Size", record.size)
        if let ownerID { xml.element("Owner") { $0.text("ID", ownerID) } }
        xml.text("StorageClass", record.attributes.storageClass)
        guard showsRestores, let until = record.restoredUntil else { return }
        xml.element("RestoreStatus") { xml in
            xml.text("IsRestoreInProgress", false)
            xml.text("RestoreExpiryDate", ListingText.time(until))
        }
    }
}
