import AWSProtocol
import Expressions
import JSON
import Store

/// Tags of a table. They lie beside its definition, so that changing them does not concern writers of items.
struct TableTags: Sendable {
    static let maximum = 50
    static let prefix = Array("dynamodb/tags/".utf8)

    /// In the order in which the keys came first.
    private(set) var list: [(key: String, value: String)]

    private static func key(_ table: Table) -> [UInt8] { prefix + KeyEncoding.prefix(table.id) }

    static func read(_ table: Table, _ source: some Reading) throws -> TableTags {
        guard let stored = try source.get(.settings, key(table)) else { return TableTags(list: []) }
        let list = try JSONValue.parse(stored).array ?? []
        return TableTags(
            list: list.compactMap { element in
                guard let key = element["Key"]?.string, let value = element["Value"]?.string else {
                    return nil
                }
                return (key, value)
            })
    }

    func write(_ table: Table, in transaction: Transaction) {
        guard !list.isEmpty else { return transaction.delete(.settings, Self.key(table)) }
        transaction.put(.settings, Self.key(table), json.encoded())
    }

    /// For a table that is being dropped.
    static func delete(_ table: Table, in transaction: Transaction) {
        transaction.delete(.settings, key(table))
    }

    var json: JSONValue { .array(list.map { ["Key": .string($0.key), "Value": .string($0.value)] }) }

    /// - Throws: when there would be too many.
    mutating func add(_ tags: [TagInput]) throws {
        for tag in tags {
            let (key, value) = (tag.key ?? "", tag.value ?? "")
            if let position = list.firstIndex(where: { UTF8Order.equal($0.key, key) }) {
                list[position].value = value
            } else {
                list.append((key, value))
            }
        }
        guard list.count <= Self.maximum else { throw TagInput.tooMany }
    }

    mutating func remove(_ keys: [String]) {
        list.removeAll { tag in keys.contains { UTF8Order.equal($0, tag.key) } }
    }
}

/// One tag as a request brings it, and AWS's rules for tags (AWS General Reference, "Tagging your AWS
/// resources").
struct TagInput: Sendable {
    static let maximumKeyLength = 128
    static let maximumValueLength = 256
    static let tooMany = TableErrors.validation(
        "Number of Tags exceed the current limit for the provided ResourceArn")

    let key: String?
    let value: String?

    static func list(_ input: InputReader) throws(ValidationError) -> [TagInput]? {
        guard let readers = try input.structures("Tags", "Tag") else { return nil }
        var result: [TagInput] = []
        for reader in readers {
            result.append(TagInput(key: try reader.string("Key"), value: try reader.string("Value")))
        }
        return result
    }

    static func check(_ tags: [TagInput]) throws {
        guard tags.count <= TableTags.maximum else { throw tooMany }
        for (index, tag) in tags.enumerated() {
            try check(key: tag.key)
            guard let value = tag.value, isLegal(value, maximum: maximumValueLength) else {
                throw TableErrors.validation(
                    "The Tag Value provided is invalid, Value: \(tag.value ?? "null")")
            }
            if tags[..<index].contains(where: { UTF8Order.equal($0.key ?? "", tag.key ?? "") }) {
                throw TableErrors.validation(
                    "Duplicate Tag Keys provided as input: Duplicate Tag Key found \(tag.key ?? "")")
            }
        }
    }

    static func check(key: String?) throws {
        guard let key, !key.isEmpty, isLegal(key, maximum: maximumKeyLength) else {
            throw TableErrors.validation("The Tag Key provided is invalid, Key: \(key ?? "null")")
        }
        guard !key.hasPrefix("aws:") else {
            throw TableErrors.validation("Tag Key cannot be prefixed with aws:, Key: \(key)")
        }
    }

    /// Letters, digits and spaces of all scripts, and a few signs.
    private static func isLegal(_ text: String, maximum: Int) -> Bool {
        guard text.utf16.count <= maximum else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber, .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator,
                .paragraphSeparator:
                true
            default: "_.:/=+-@".unicodeScalars.contains(scalar)
            }
        }
    }
}
