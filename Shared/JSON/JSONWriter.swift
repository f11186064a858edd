/// Writes a JSON document member by member: for documents that are made often and never looked into, since
/// no tree is built. The caller closes what it opens.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Begins the document's own object.
    public mutating func openObject() { bytes.append(0x7B) }

    /// Begins an object that is a member.
    public mutating func openObject(_ name: String) {
        key(name)
        openObject()
    }

    public mutating func closeObject() { bytes.append(0x7D) }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        JSONValue.encode(value, into: &bytes)
    }

    public mutating func member(_ name: String, _ value: JSONValue) {
        key(name)
        value.encode(into: &bytes)
    }

    private mutating func key(_ name: String) {
        // Only an opening brace ends with this byte: a string ends with its quote.
        if bytes.last != 0x7B { bytes.append(0x2C) }
        JSONValue.encode(name, into: &bytes)
        bytes.append(0x3A)
    }
}
