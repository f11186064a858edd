extension String {
    /// Text from UTF-8; each invalid sequence becomes U+FFFD.
    public init(utf8 bytes: [UInt8]) {
        self = String(decoding: bytes, as: UTF8.self)
    }

    /// The text as UTF-8.
    public var bytes: [UInt8] { Array(utf8) }
}
