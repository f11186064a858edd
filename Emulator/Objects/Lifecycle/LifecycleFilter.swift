/// Which objects a rule is about.
struct LifecycleFilter: Sendable, Equatable {
    /// How the client wrote it, which is how it is read back.
    enum Form: UInt8, Sendable {
        /// `Prefix` beside the rule's actions: the older of the two forms of a configuration.
        case rulePrefix, empty, prefix, tag, greaterThan, lessThan, and
    }

    var form: Form
    var prefix: String?
    var tags: [Tag] = []
    /// Bytes, exclusive.
    var greaterThan: Int64?
    /// Bytes, exclusive.
    var lessThan: Int64?

    init(form: Form, prefix: String? = nil) {
        self.form = form
        self.prefix = prefix
    }

    var hasSize: Bool { greaterThan != nil || lessThan != nil }

    func covers(_ key: [UInt8]) -> Bool { prefix.map { key.starts(with: $0.utf8) } ?? true }

    func covers(_ key: [UInt8], size: Int64, tags: [Tag]) -> Bool {
        if let greaterThan, size <= greaterThan { return false }
        if let lessThan, size >= lessThan { return false }
        return covers(key) && self.tags.allSatisfy(tags.contains)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        guard let form = Form(rawValue: try reader.byte()) else { throw reader.failure() }
        self.form = form
        prefix = try reader.optional { reader throws(RecordError) in try reader.string() }
        tags = try reader.list { reader throws(RecordError) in try Tag(from: &reader) }
        greaterThan = try reader.optional { reader throws(RecordError) in try reader.int64() }
        lessThan = try reader.optional { reader throws(RecordError) in try reader.int64() }
    }

    func write(to writer: inout RecordWriter) {
        writer.put(form.rawValue)
        writer.put(optional: prefix) { $0.put($1) }
        writer.put(list: tags) { $1.write(to: &$0) }
        writer.put(optional: greaterThan) { $0.put($1) }
        writer.put(optional: lessThan) { $0.put($1) }
    }

    /// The filter in the words of error messages.
    var words: String {
        if form == .rulePrefix { return "prefix '\(prefix ?? "")'" }
        var parts: [String] = []
        if let prefix { parts.append("prefix=\(prefix)") }
        if let greaterThan { parts.append("objectsizegreaterthan=\(greaterThan)") }
        if let lessThan { parts.append("objectsizelessthan=\(lessThan)") }
        parts += tags.map { "tag: key=\($0.key), value=\($0.value)" }
        return "filter '(\(parts.joined(separator: " and ")))'"
    }
}
