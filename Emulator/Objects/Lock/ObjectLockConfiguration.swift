import AWSProtocol
import Clock

/// What PutObjectLockConfiguration stores of a bucket. That there is one means that Object Lock is on.
struct ObjectLockConfiguration: Sendable, Equatable {
    enum Period: Sendable, Equatable {
        case days(Int)
        case years(Int)

        /// Milliseconds; a year has 365 days.
        var length: Int64 {
            switch self {
            case .days(let days): Int64(days) * 86_400_000
            case .years(let years): Int64(years) * 365 * 86_400_000
            }
        }
    }

    struct DefaultRetention: Sendable, Equatable {
        var mode: ObjectLock.Mode
        var period: Period
    }

    /// What versions get that come without a retention of their own.
    var defaultRetention: DefaultRetention?

    private static let versions: ClosedRange<UInt8> = 1...1

    init() {}

    /// Nil: the bucket has no Object Lock.
    init?(of bucket: BucketRecord) throws(RecordError) {
        guard let bytes = bucket.documents[.objectLock] else { return nil }
        var reader = try RecordReader(bytes, versions: Self.versions, record: "object lock configuration")
        defaultRetention = try reader.optional { reader throws(RecordError) in
            let mode: ObjectLock.Mode = try reader.bool() ? .compliance : .governance
            let isYears = try reader.bool()
            let count = Int(try reader.int64())
            return DefaultRetention(mode: mode, period: isYears ? .years(count) : .days(count))
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(optional: defaultRetention) { writer, retention in
            writer.put(retention.mode == .compliance)
            switch retention.period {
            case .days(let days):
                writer.put(false)
                writer.put(Int64(days))
            case .years(let years):
                writer.put(true)
                writer.put(Int64(years))
            }
        }
        return writer.bytes
    }

    // MARK: - The document

    private static let (maxDays, maxYears) = (36_500, 100)

    /// - Throws: MalformedXML; InvalidArgument for a period that is none.
    init(document: [UInt8]) throws(AWSError) {
        guard let root = try? XMLReader.parse(document), root.name == "ObjectLockConfiguration",
            root["ObjectLockEnabled"] == "Enabled"
        else { throw .malformedXML }
        guard let rule = root.child("Rule") else { return }
        guard let retention = rule.child("DefaultRetention"),
            let mode = retention["Mode"].flatMap(ObjectLock.Mode.init(rawValue:))
        else { throw .malformedXML }
        switch (retention["Days"], retention["Years"]) {
        case (let days?, nil):
            let count = try Self.count(days, "Days", limit: Self.maxDays)
            defaultRetention = DefaultRetention(mode: mode, period: .days(count))
        case (nil, let years?):
            let count = try Self.count(years, "Years", limit: Self.maxYears)
            defaultRetention = DefaultRetention(mode: mode, period: .years(count))
        default: throw .malformedXML
        }
    }

    private static func count(_ text: String, _ name: String, limit: Int) throws(AWSError) -> Int {
        guard let count = Int(text) else { throw .malformedXML }
        guard count > 0 else {
            throw .invalidArgument(
                "Default retention period must be a positive integer value.", name: name, value: nil)
        }
        guard count <= limit else {
            throw .invalidArgument("Default retention period is too large.", name: name, value: nil)
        }
        return count
    }

    func write(to xml: inout XMLWriter) {
        xml.text("ObjectLockEnabled", "Enabled")
        guard let defaultRetention else { return }
        xml.element("Rule") { xml in
            xml.element("DefaultRetention") { xml in
                xml.text("Mode", defaultRetention.mode.rawValue)
                switch defaultRetention.period {
                case .days(let days): xml.text("Days", days)
                case .years(let years): xml.text("Years", years)
                }
            }
        }
    }
}

extension ObjectLock {
    var isEmpty: Bool { retention == nil && legalHold == nil }

    /// The lock of a new version: as asked for, or what the bucket gives by default.
    /// - Throws: InvalidRequest where the bucket has no Object Lock.
    func granted(by bucket: BucketRecord, at now: Timestamp) throws -> ObjectLock {
        guard let configuration = try ObjectLockConfiguration(of: bucket) else {
            if isEmpty { return self }
            throw AWSError.invalidRequest("Bucket is missing ObjectLockConfiguration")
        }
        var lock = self
        if lock.retention == nil, let retention = configuration.defaultRetention {
            lock.retention = Retention(mode: retention.mode, until: now + retention.period.length)
        }
        return lock
    }

    /// Object Lock wants to be sure of the bytes that it keeps.
    /// - Parameter what: `Object` or `Part`.
    func checkDigest(_ claim: BodyClaim, of what: String) throws(AWSError) {
        guard !isEmpty, claim.md5 == nil, claim.checksum == .none else { return }
        throw .invalidRequest(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put \(what) requests with Object "
                + "Lock parameters")
    }
}
