/// Writes a JSON document member by member: for documents that are made often and never looked into, since
/// no tree is built. The caller closes what it opens.
public struct JSONWriter: ~Copyable {
    private var text: JSONText

    public init(capacity: Int = 256) { text = JSONText(capacity: capacity) }

    /// A copy of the document.
    public var bytes: [UInt8] { text.bytes }

    /// Begins the document's own object.
    public mutating func openObject() { text.append(byte: 0x7B) }

    /// Begins an object that is a member.
    public mutating func openObject(_ name: String) {
        text.append(name: name)
        openObject()
    }

    public mutating func closeObject() { text.append(byte: 0x7D) }

    public mutating func member(_ name: String, _ value: String) {
        text.append(name: name)
        text.append(string: value)
    }

    /// - Parameters: both valid UTF-8.
    public mutating func member(utf8 name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        text.append(name: name)
        text.append(string: value)
    }

    public mutating func member(_ name: String, _ value: JSONValue) {
        text.append(name: name)
        text.append(value: value)
    }
}
