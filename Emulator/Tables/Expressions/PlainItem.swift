import JSON

/// Items and keys read from a request's text as it comes. Most are what they should be, and then a tree of them
/// would live only to be taken apart. Whatever is wrong, and some that is rare, gives nil: the way over the tree
/// knows what to say.
extension AttributeMap {
    /// Reads the object that comes next.
    public init?(plain reader: inout JSONReader) {
        var entries: [Entry] = []
        entries.reserveCapacity(8)
        reader.enterObject()
        while let member = reader.nextName() {
            let name = member.text
            guard !name.isEmpty, name.utf8.count <= Self.maximumNameBytes,
                let value = AttributeValue(plain: &reader)
            else { return nil }
            entries.append(Entry(name: name, value: value))
        }
        // Of several values under one name the last would count.
        guard !reader.hasFailed, Self.sort(&entries) else { return nil }
        self.init(sorted: entries)
    }

    /// - Returns: false when two entries have the same name.
    static func sort(_ entries: inout [Entry]) -> Bool {
        if entries.count > 24 {
            entries.sort { UTF8Order.compare($0.name, $1.name) < 0 }
        } else {
            // Few, and often in order already.
            for index in entries.indices.dropFirst() {
                var place = index
                while place > 0, UTF8Order.compare(entries[place - 1].name, entries[place].name) > 0 {
                    entries.swapAt(place - 1, place)
                    place -= 1
                }
            }
        }
        for index in entries.indices.dropFirst()
        where UTF8Order.equal(entries[index - 1].name, entries[index].name) { return false }
        return true
    }
}

extension AttributeValue {
    /// Reads the object of one member that comes next.
    public init?(plain reader: inout JSONReader) {
        reader.enterObject()
        guard let type = reader.nextName() else { return nil }
        switch type {
        case "S":
            guard let text = reader.string() else { return nil }
            self = .s(text)
        case "N":
            guard let text = reader.string(), let number = try? DecimalNumber(text) else { return nil }
            self = .n(number)
        case "BOOL":
            guard let flag = reader.bool() else { return nil }
            self = .bool(flag)
        default:
            var object = JSONObject()
            object.append(type.text, reader.value() ?? .null)
            guard let value = try? AttributeValue(json: .object(object)) else { return nil }
            self = value
        }
        guard reader.nextName() == nil, !reader.hasFailed else { return nil }
    }
}
