/// Header fields in the order they came, with their names' original case.
///
/// All fields lie in one buffer: a message has 10 to 20 of them, most of which nobody asks for, and a String for each
/// name and value would cost more than everything else in reading a head. A look-up scans: it compares lengths first
/// and then bytes, which beats a dictionary.
public struct HTTPHeaders: Sendable, Equatable, Sequence, ExpressibleByDictionaryLiteral {
    /// Field after field: the lengths of name and value, four bytes each, then both in UTF-8.
    /// Behind it there may be room for more.
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var used = 0
    public private(set) var count = 0

    @usableFromInline static let prefixBytes = 8

    public init() {}

    public init(_ fields: [(String, String)]) {
        if !fields.isEmpty { reserveCapacity(fields.count) }
        for (name, value) in fields { add(name, value) }
    }

    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

    /// Bytes of the fields as they stand in a head: each with `: ` and its line's end.
    public var wireBytes: Int { used - count * (Self.prefixBytes - 4) }

    public var isEmpty: Bool { count == 0 }

    /// Reading gives the first value of that name; ASCII case does not matter. Writing replaces all
    /// values of that name (in the first one's place), nil removes them.
    public subscript(name: String) -> String? {
        get { withValue(of: name) { String(decoding: $0, as: UTF8.self) } }
        set {
            guard let newValue else { return remove(name) }
            guard contains(name) else { return add(name, newValue) }
            var isPlaced = false
            rebuild { headers, field in
                guard field.isNamed(name) else { return headers.add(field) }
                if !isPlaced { headers.add(name, newValue) }
                isPlaced = true
            }
        }
    }

    /// All values of that name, in order.
    public func values(_ name: String) -> [String] {
        var values: [String] = []
        forEachField { if $0.isNamed(name) { values.append(String(decoding: $0.value, as: UTF8.self)) } }
        return values
    }

    public func contains(_ name: String) -> Bool {
        withValue(of: name) { _ in true } ?? false
    }

    /// Adds a field at the end and keeps those that have the same name.
    public mutating func add(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 {
                add(Field(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer($0)))
            }
        }
    }

    public mutating func remove(_ name: String) {
        guard contains(name) else { return }
        rebuild { headers, field in
            if !field.isNamed(name) { headers.add(field) }
        }
    }

    public mutating func reserveCapacity(_ count: Int) {
        let room = count * 48
        if room > bytes.count { grow(by: room - bytes.count) }
    }

    private mutating func grow(by count: Int) {
        if bytes.isEmpty {
            bytes = [UInt8](repeating: 0, count: Swift.max(count, 256))
        } else {
            bytes.append(contentsOf: repeatElement(0, count: Swift.max(count, bytes.count)))
        }
    }

    private mutating func rebuild(_ place: (inout HTTPHeaders, Field) -> Void) {
        var rebuilt = HTTPHeaders()
        rebuilt.grow(by: bytes.count)
        forEachField { place(&rebuilt, $0) }
        self = rebuilt
    }

    /// Same fields in the same order; names compare without regard to ASCII case.
    public static func == (a: HTTPHeaders, b: HTTPHeaders) -> Bool {
        a.count == b.count
            && zip(a, b).allSatisfy { sameName($0.name, $1.name) && $0.value == $1.value }
    }

    /// Whether two field names are the same but for ASCII case (RFC 9110, section 5.1).
    public static func sameName(_ a: String, _ b: String) -> Bool {
        guard a.utf8.count == b.utf8.count else { return false }
        var (a, b) = (a, b)
        return a.withUTF8 { a in
            b.withUTF8 { Field.isSame(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer($0)) }
        }
    }
}

// MARK: - Without Strings

extension HTTPHeaders {
    /// A field where it lies, in UTF-8; good only as long as the call that hands it out.
    public struct Field {
        public let name: UnsafeRawBufferPointer
        public let value: UnsafeRawBufferPointer

        /// - Parameters: both valid UTF-8.
        @inlinable
        public init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
            self.name = name
            self.value = value
        }

        /// ASCII case does not matter.
        @inlinable
        public func isNamed(_ other: String) -> Bool {
            guard name.count == other.utf8.count else { return false }
            var other = other
            return other.withUTF8 { Self.isSame(name, UnsafeRawBufferPointer($0)) }
        }

        /// Whether the name begins so; ASCII case does not matter.
        @inlinable
        public func isNameBeginning(with prefix: String) -> Bool {
            guard name.count >= prefix.utf8.count else { return false }
            var prefix = prefix
            return prefix.withUTF8 {
                Self.isSame(UnsafeRawBufferPointer(rebasing: name[..<$0.count]), UnsafeRawBufferPointer($0))
            }
        }

        /// - Parameters: of the same length.
        @inlinable
        static func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
            for index in 0..<a.count where a[index] != b[index] && lower(a[index]) != lower(b[index]) {
                return false
            }
            return true
        }

        @inlinable
        static func lower(_ byte: UInt8) -> UInt8 {
            (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// Adds a field at the end.
    public mutating func add(_ field: Field) {
        let (nameCount, valueCount) = (field.name.count, field.value.count)
        let needed = Self.prefixBytes + nameCount + valueCount
        if bytes.count - used < needed { grow(by: needed) }
        let start = used
        bytes.withUnsafeMutableBytes { room in
            room.storeBytes(of: UInt32(nameCount), toByteOffset: start, as: UInt32.self)
            room.storeBytes(of: UInt32(valueCount), toByteOffset: start + 4, as: UInt32.self)
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[(start + Self.prefixBytes)...])
            rest.copyMemory(from: field.name)
            UnsafeMutableRawBufferPointer(rebasing: rest[nameCount...]).copyMemory(from: field.value)
        }
        used += needed
        count += 1
    }

    /// The first value of that name, nil without one; ASCII case does not matter.
    @inlinable
    public func withValue<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        var name = name
        return name.withUTF8 { name in
            let name = UnsafeRawBufferPointer(name)
            return bytes.withUnsafeBytes { buffer in
                var start = 0
                while let field = Self.field(of: buffer, until: used, &start) {
                    if field.name.count == name.count, Field.isSame(field.name, name) {
                        return body(field.value)
                    }
                }
                return nil
            }
        }
    }

    /// Whether any field is one that `matches`.
    @inlinable
    public func containsField(where matches: (Field) -> Bool) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while let field = Self.field(of: buffer, until: used, &start) {
                if matches(field) { return true }
            }
            return false
        }
    }

    /// Calls `body` with each field in order.
    @inlinable
    public func forEachField(_ body: (Field) -> Void) {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while let field = Self.field(of: buffer, until: used, &start) { body(field) }
        }
    }

    /// The field at `start`, which moves behind it.
    @inlinable
    static func field(of buffer: UnsafeRawBufferPointer, until end: Int, _ start: inout Int) -> Field? {
        guard start < end else { return nil }
        let nameCount = Int(buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        let valueCount = Int(buffer.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
        let name = start + prefixBytes
        start = name + nameCount + valueCount
        return Field(
            name: UnsafeRawBufferPointer(rebasing: buffer[name..<(name + nameCount)]),
            value: UnsafeRawBufferPointer(rebasing: buffer[(name + nameCount)..<start]))
    }

    public struct Iterator: IteratorProtocol {
        fileprivate let bytes: [UInt8]
        fileprivate let end: Int
        fileprivate var start = 0

        public mutating func next() -> (name: String, value: String)? {
            bytes.withUnsafeBytes { buffer in
                HTTPHeaders.field(of: buffer, until: end, &start).map {
                    (
                        name: String(decoding: $0.name, as: UTF8.self),
                        value: String(decoding: $0.value, as: UTF8.self)
                    )
                }
            }
        }
    }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes, end: used) }

    public var underestimatedCount: Int { count }
}
