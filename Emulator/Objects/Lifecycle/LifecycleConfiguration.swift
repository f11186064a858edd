import Clock

/// A bucket's lifecycle rules.
struct LifecycleConfiguration: Sendable, Equatable {
    /// What transitions do with small objects.
    enum SmallObjects: String, Sendable {
        case neverMove = "all_storage_classes_128K"
        case moveToArchives = "varies_by_storage_class"
    }

    var smallObjects = SmallObjects.neverMove
    var rules: [LifecycleRule]

    private static let version: UInt8 = 1

    init(rules: [LifecycleRule], smallObjects: SmallObjects = .neverMove) {
        self.rules = rules
        self.smallObjects = smallObjects
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(
            bytes, versions: Self.version...Self.version, record: "lifecycle configuration")
        guard let smallObjects = SmallObjects(rawValue: try reader.string()) else { throw reader.failure() }
        self.smallObjects = smallObjects
        rules = try reader.list { reader throws(RecordError) in try LifecycleRule(from: &reader) }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(smallObjects.rawValue)
        writer.put(list: rules) { $1.write(to: &$0) }
        return writer.bytes
    }
}

/// One rule: which objects, and what happens to them when.
struct LifecycleRule: Sendable, Equatable {
    enum Moment: Sendable, Equatable {
        /// Days after an object was made.
        case days(Int)
        /// At 00:00 UTC.
        case date(Timestamp)
    }

    enum Expiration: Sendable, Equatable {
        case at(Moment)
        /// Delete markers with nothing below them; false is stored too.
        case expiredMarkers(Bool)
    }

    struct Transition: Sendable, Equatable {
        var moment: Moment
        var storageClass: String
    }

    /// What happens to versions that are no longer current.
    struct Noncurrent: Sendable, Equatable {
        /// Days since a newer version came.
        var days: Int
        /// So many noncurrent versions stay, the newest.
        var kept: Int?
    }

    struct NoncurrentTransition: Sendable, Equatable {
        var noncurrent: Noncurrent
        var storageClass: String
    }

    var id: String
    var isEnabled: Bool
    var filter: LifecycleFilter
    var expiration: Expiration?
    var transitions: [Transition] = []
    var noncurrentExpiration: Noncurrent?
    var noncurrentTransitions: [NoncurrentTransition] = []
    /// Days after an upload began.
    var abortUploadsAfter: Int?

    init(id: String, isEnabled: Bool, filter: LifecycleFilter) {
        self.id = id
        self.isEnabled = isEnabled
        self.filter = filter
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        id = try reader.string()
        isEnabled = try reader.bool()
        filter = try LifecycleFilter(from: &reader)
        expiration = try reader.optional { reader throws(RecordError) in
            try reader.bool()
                ? .expiredMarkers(try reader.bool()) : .at(try Moment(from: &reader))
        }
        transitions = try reader.list { reader throws(RecordError) in
            Transition(moment: try Moment(from: &reader), storageClass: try reader.string())
        }
        noncurrentExpiration = try reader.optional { reader throws(RecordError) in
            try Noncurrent(from: &reader)
        }
        noncurrentTransitions = try reader.list { reader throws(RecordError) in
            NoncurrentTransition(
                noncurrent: try Noncurrent(from: &reader), storageClass: try reader.string())
        }
        abortUploadsAfter = try reader.optional { reader throws(RecordError) in Int(try reader.int64()) }
    }

    func write(to writer: inout RecordWriter) {
        writer.put(id)
        writer.put(isEnabled)
        filter.write(to: &writer)
        writer.put(optional: expiration) { writer, expiration in
            switch expiration {
            case .expiredMarkers(let isOn):
                writer.put(true)
                writer.put(isOn)
            case .at(let moment):
                writer.put(false)
                moment.write(to: &writer)
            }
        }
        writer.put(list: transitions) { writer, transition in
            transition.moment.write(to: &writer)
            writer.put(transition.storageClass)
        }
        writer.put(optional: noncurrentExpiration) { $1.write(to: &$0) }
        writer.put(list: noncurrentTransitions) { writer, transition in
            transition.noncurrent.write(to: &writer)
            writer.put(transition.storageClass)
        }
        writer.put(optional: abortUploadsAfter) { $0.put(Int64($1)) }
    }
}

extension LifecycleRule.Moment {
    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.bool() ? .date(try reader.timestamp()) : .days(Int(try reader.int64()))
    }

    fileprivate func write(to writer: inout RecordWriter) {
        switch self {
        case .date(let date):
            writer.put(true)
            writer.put(date)
        case .days(let days):
            writer.put(false)
            writer.put(Int64(days))
        }
    }
}

extension LifecycleRule.Noncurrent {
    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        days = Int(try reader.int64())
        kept = try reader.optional { reader throws(RecordError) in Int(try reader.int64()) }
    }

    fileprivate func write(to writer: inout RecordWriter) {
        writer.put(Int64(days))
        writer.put(optional: kept) { $0.put(Int64($1)) }
    }
}
