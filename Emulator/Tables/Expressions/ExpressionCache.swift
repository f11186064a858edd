import Synchronization

/// Parsed expressions by their text. Programs send the same few expressions over and over, with only the
/// values changing, and parsing costs more than all other work on a small update.
enum ExpressionCache {
    /// Texts each cache keeps; when full it starts anew, which bounds memory without bookkeeping per use.
    static let capacity = 512

    private static let conditions = Mutex<[String: Syntax<SyntaxCondition>]>([:])
    private static let updates = Mutex<[String: Syntax<[SyntaxAction]>]>([:])
    private static let projections = Mutex<[String: Syntax<[SyntaxPath]>]>([:])

    static func condition(_ text: String) throws(ValidationError) -> Syntax<SyntaxCondition> {
        if isPlain(text), let known = conditions.withLock({ $0[text] }) { return known }
        let parsed = try Parser.condition(text)
        conditions.withLock { keep(parsed, text, in: &$0) }
        return parsed
    }

    static func update(_ text: String) throws(ValidationError) -> Syntax<[SyntaxAction]> {
        if isPlain(text), let known = updates.withLock({ $0[text] }) { return known }
        let parsed = try Parser.update(text)
        updates.withLock { keep(parsed, text, in: &$0) }
        return parsed
    }

    static func projection(_ text: String) throws(ValidationError) -> Syntax<[SyntaxPath]> {
        if isPlain(text), let known = projections.withLock({ $0[text] }) { return known }
        let parsed = try Parser.projection(text)
        projections.withLock { keep(parsed, text, in: &$0) }
        return parsed
    }

    /// Swift takes texts of other bytes for the same when they look alike, so only plain ones are looked up.
    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func keep<R>(_ parsed: Syntax<R>, _ text: String, in cache: inout [String: Syntax<R>]) {
        guard isPlain(text) else { return }
        if cache.count >= capacity { cache.removeAll(keepingCapacity: true) }
        cache[text] = parsed
    }
}
