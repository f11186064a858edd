extension String {
    /// Text from UTF-8; each invalid sequence becomes U+FFFD.
    public init(utf8 bytes: [UInt8]) {
        self = String(decoding: bytes, as: UTF8.self)
    }

    /// The same, quicker where all bytes are ASCII, as in nearly all that is sent.
    public init(mostlyASCII bytes: UnsafeBufferPointer<UInt8>) {
        var union: UInt8 = 0
        for byte in bytes { union |= byte }
        if union < 0x80 {
            self = String(copying: UTF8Span(unchecked: bytes.span, isKnownASCII: true))
        } else {
            self = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The text as UTF-8.
    public var bytes: [UInt8] { Array(utf8) }
}
