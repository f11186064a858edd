import Expressions

/// What holds for expressions: any text is refused with a reason or can be evaluated on any item.
public enum ExpressionProperties {
    /// A byte for the kind, the text up to a line's end, then bytes that make an item.
    public static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        var source = ByteSource(bytes)
        let kind = source.byte()
        let text = source.line()
        let item = source.item()
        switch kind % 4 {
        case 0: try checkCondition(text, item)
        case 1: try checkUpdate(text, item)
        case 2: try checkProjection(text, item)
        default: try checkKeyCondition(text, item)
        }
    }

    private static var attributes: ExpressionAttributes {
        ExpressionAttributes(
            names: ["#a": "a", "#b": "b", "#n": "name", "#x": "x", "#e": "é"],
            values: [
                ":s": .s("text"), ":n": .n(DecimalNumber(5)), ":b": .b([1, 2]), ":t": .bool(true),
                ":z": .null,
                ":l": .l([.n(DecimalNumber(1)), .s("two")]), ":o": .m(["k": .s("v")]),
                ":ss": .strings(["a", "b"]), ":ns": .numbers([DecimalNumber(1), DecimalNumber(2)]),
                ":bs": .binaries([[1], [2]]), ":ty": .s("S"), ":e": .s(""),
            ])
    }

    /// Nil when the text is refused, which must have a reason.
    private static func parsed<T>(
        _ parse: (inout ExpressionAttributes) throws(ValidationError) -> T
    ) throws(PropertyFailure) -> T? {
        var attributes = attributes
        do throws(ValidationError) {
            return try parse(&attributes)
        } catch {
            try require(!error.message.isEmpty, "a refusal without a reason")
            return nil
        }
    }

    private static func condition(_ text: String) throws(PropertyFailure) -> ConditionExpression? {
        try parsed { (attributes) throws(ValidationError) in
            try ConditionExpression.parse(text, kind: .condition, attributes: &attributes)
        }
    }

    private static func checkCondition(_ text: String, _ item: Item) throws(PropertyFailure) {
        guard let first = try condition(text) else { return }
        let result = first.evaluate(item)
        // The second time it comes from the cache.
        guard let second = try condition(text) else {
            throw PropertyFailure("refused the second time: \(text)")
        }
        try require(second.evaluate(item) == result, "another result the second time: \(text)")
        // One operator, five bytes or a pair of parentheses too many are reasons to refuse the opposite.
        if let opposite = try condition("NOT (\(text))") {
            try require(opposite.evaluate(item) != result, "NOT changes nothing: \(text)")
        }
        if let twice = try condition("\(text) AND \(text)"), !text.uppercased().contains("OR") {
            try require(twice.evaluate(item) == result, "a condition AND itself: \(text)")
        }
    }

    private static func checkUpdate(_ text: String, _ item: Item) throws(PropertyFailure) {
        let parsed = try parsed { (attributes) throws(ValidationError) in
            try UpdateExpression.parse(text, attributes: &attributes)
        }
        guard let parsed else { return }
        let updated: Item
        do throws(ValidationError) {
            updated = try parsed.apply(to: item)
        } catch {
            try require(!error.message.isEmpty, "a refusal without a reason: \(text)")
            return
        }
        try KeyProperties.checkStored(updated)
        let again = try must("refused the second time") { () throws(ValidationError) in
            try parsed.apply(to: item)
        }
        try require(again == updated, "another result the second time: \(text)")
    }

    private static func checkProjection(_ text: String, _ item: Item) throws(PropertyFailure) {
        let parsed = try parsed { (attributes) throws(ValidationError) in
            try ProjectionExpression.parse(text, attributes: &attributes)
        }
        guard let parsed else { return }
        let part = parsed.project(item)
        try KeyProperties.checkStored(part)
        for entry in part {
            try require(item[entry.name] != nil, "\(entry.name) comes from nowhere: \(text)")
            let isAsked = parsed.paths.contains { UTF8Order.equal($0.head, entry.name) }
            try require(isAsked, "\(entry.name) was not asked for: \(text)")
        }
        try require(part.itemSize <= item.itemSize, "a part is larger than the whole: \(text)")
        // Lists close up, so what stood at an index stands elsewhere.
        if !text.utf8.contains(UInt8(ascii: "[")) {
            try require(parsed.project(part) == part, "another part of the part: \(text)")
        }
    }

    private static func checkKeyCondition(_ text: String, _ item: Item) throws(PropertyFailure) {
        let parsed = try parsed { (attributes) throws(ValidationError) in
            try KeyConditionExpression.parse(text, attributes: &attributes)
        }
        guard let parsed else { return }
        for condition in parsed.conditions {
            guard let value = item[condition.attribute] else { continue }
            let first = condition.matches(value)
            try require(condition.matches(value) == first, "another result the second time: \(text)")
            if case .compare(.equal, let wanted) = condition.test {
                try require(first == (value == wanted), "equality: \(text)")
            }
        }
    }
}
