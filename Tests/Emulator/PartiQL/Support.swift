import Expressions
import Seeded

@testable import PartiQL

extension SeededRandom {
    mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &self)] }
    mutating func upTo(_ bound: Int) -> Int { Int.random(in: 0...bound, using: &self) }
}

/// The text of the error a statement is refused with, or nil.
func fault(_ text: String, _ parameters: [AttributeValue] = []) -> String? {
    do {
        _ = try PartiQLStatement.parse(text, parameters: parameters)
        return nil
    } catch {
        return error.message
    }
}

/// Writes trees down. Everything that nests stands in parentheses.
enum Printer {
    static func text(_ expression: Expression) -> String {
        switch expression.kind {
        case .path(let steps): path(steps)
        case .string(let text): string(text)
        case .number(let digits): digits
        case .bool(let flag): flag ? "TRUE" : "false"
        case .null: "null"
        case .missing: "MISSING"
        case .parameter: "?"
        case .list(let members): "[\(list(members))]"
        case .bag(let members): "<< \(list(members)) >>"
        case .tuple(let fields):
            "{" + fields.map { "\(string($0.name)) : \(text($0.value))" }.joined(separator: ",") + "}"
        case .call(let name, let arguments): "\(name)(\(list(arguments)))"
        case .select(let select): "(SELECT \(self.select(select)))"
        case .and(let members): "(" + members.map(text).joined(separator: " AND ") + ")"
        case .or(let members): "(" + members.map(text).joined(separator: " or ") + ")"
        case .not(let inner): "(NOT \(text(inner)))"
        case .comparison(let comparator, let a, let b): "(\(text(a)) \(comparator.rawValue) \(text(b)))"
        case .between(let a, let b, let c): "(\(text(a)) BETWEEN \(text(b)) AND \(text(c)))"
        case .membership(let a, let b): "(\(text(a)) IN \(text(b)))"
        case .typeTest(let a, let type): "(\(text(a)) IS \(type))"
        case .operation(let name, let a, let b): "(\(text(a)) \(name) \(text(b)))"
        case .sign(let sign, let a): "(\(sign) \(text(a)))"
        }
    }

    private static func list(_ members: [Expression]) -> String {
        members.map(text).joined(separator: " , ")
    }

    private static func string(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func path(_ steps: [PathStep]) -> String {
        var text = ""
        for step in steps {
            switch step {
            case .name(let name): text += (text.isEmpty ? "" : ".") + quoted(name)
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    private static func source(_ source: SourceName) -> String {
        quoted(source.table) + (source.index.map { "." + quoted($0) } ?? "")
    }

    private static func select(_ select: SelectSyntax) -> String {
        var text = select.columns.map(list) ?? "*"
        text += " FROM \(source(select.source))"
        if let condition = select.condition { text += " WHERE \(self.text(condition))" }
        if !select.order.isEmpty {
            let terms = select.order.map { self.text($0.expression) + ($0.isDescending ? " DESC" : " asc") }
            text += " ORDER BY " + terms.joined(separator: ", ")
        }
        return text
    }

    private static func rest(_ condition: Expression?, _ returning: Returning?) -> String {
        var rest = condition.map { " WHERE \(text($0))" } ?? ""
        if let returning {
            rest +=
                " RETURNING \(returning.isModified ? "MODIFIED" : "all") \(returning.isNew ? "NEW" : "old") *"
        }
        return rest
    }

    static func text(_ statement: StatementSyntax) -> String {
        switch statement {
        case .select(let select): return "SELECT \(self.select(select))"
        case .exists(let select): return "EXISTS( SELECT \(self.select(select)))"
        case .insert(let source, let value): return "INSERT INTO \(self.source(source)) VALUE \(text(value))"
        case .update(let source, let changes, let condition, let returning):
            let written = changes.map { change in
                switch change {
                case .set(let path, let value): "SET \(text(path)) = \(text(value))"
                case .remove(let path): "REMOVE \(text(path))"
                }
            }
            return "UPDATE \(self.source(source)) \(written.joined(separator: " "))"
                + rest(condition, returning)
        case .delete(let source, let condition, let returning):
            return "DELETE FROM \(self.source(source))" + rest(condition, returning)
        }
    }
}

/// Makes random trees that the language can express.
struct TreeMaker {
    var random: SeededRandom
    private let nowhere = SourcePosition(line: 1, column: 1, length: 0)

    init(_ random: SeededRandom) { self.random = random }

    private func node(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, position: nowhere) }

    private mutating func name() -> String {
        random.pick(["a", "pk", "select", "a b", "x\"y", "é", "it's", "--", "/*", "😀", "?"])
    }

    private mutating func path() -> Expression {
        var steps = [PathStep.name(name())]
        for _ in 0..<random.upTo(2) {
            steps.append(random.upTo(1) == 0 ? .name(name()) : .index(random.upTo(2_147_483_647)))
        }
        return node(.path(steps))
    }

    private mutating func list(_ count: ClosedRange<Int>, _ depth: Int) -> [Expression] {
        (0..<Int.random(in: count, using: &random)).map { _ in expression(depth) }
    }

    mutating func expression(_ depth: Int) -> Expression {
        guard depth > 0 else { return leaf() }
        let next = depth - 1
        switch random.upTo(15) {
        case 0: return node(.list(list(0...3, next)))
        case 1: return node(.bag(list(0...3, next)))
        case 2:
            return node(
                .tuple(
                    (0..<random.upTo(3)).map { _ in TupleField(name: name(), value: expression(next)) }))
        case 3: return node(.call(random.pick(["size", "begins_with", "f", "exists"]), list(0...2, next)))
        case 4: return node(.select(select(next)))
        case 5, 6:
            let members = list(2...3, next).map { member in
                if case .and = member.kind { leaf() } else { member }
            }
            return node(.and(members))
        case 7, 8:
            let members = list(2...3, next).map { member in
                if case .or = member.kind { leaf() } else { member }
            }
            return node(.or(members))
        case 9: return node(.not(expression(next)))
        case 10:
            let comparator = random.pick([Comparator.equal, .notEqual, .less, .lessOrEqual, .greaterOrEqual])
            return node(.comparison(comparator, expression(next), expression(next)))
        case 11: return node(.between(expression(next), expression(next), expression(next)))
        case 12: return node(.membership(expression(next), node(.list(list(1...3, next)))))
        case 13: return node(.typeTest(expression(next), random.pick(["missing", "null", "list"])))
        case 14:
            return node(.operation(random.pick(["+", "-", "*", "/", "%", "||"]), path(), expression(next)))
        default: return node(.sign(random.pick(["+", "-"]), path()))
        }
    }

    private mutating func leaf() -> Expression {
        switch random.upTo(6) {
        case 0: node(.string(random.pick(["", "text", "it's", "''", "a\nb", "é😀", "\""])))
        case 1: node(.number(random.pick(["0", "1", "-5", "3.25", "1e10", "-2.5E-3", "0012"])))
        case 2: node(.bool(random.upTo(1) == 0))
        case 3: node(random.upTo(1) == 0 ? .null : .missing)
        default: path()
        }
    }

    private mutating func source() -> SourceName {
        SourceName(table: name(), index: random.upTo(2) == 0 ? name() : nil)
    }

    private mutating func select(_ depth: Int) -> SelectSyntax {
        SelectSyntax(
            columns: random.upTo(1) == 0 ? nil : (0...random.upTo(2)).map { _ in path() }, source: source(),
            condition: random.upTo(2) == 0 ? nil : expression(depth),
            order: (0..<random.upTo(2)).map { _ in
                OrderTerm(expression: path(), isDescending: random.upTo(1) == 0)
            })
    }

    private mutating func returning() -> Returning? {
        random.upTo(1) == 0
            ? nil : Returning(isModified: random.upTo(1) == 0, isNew: random.upTo(1) == 0)
    }

    mutating func statement() -> StatementSyntax {
        let condition = random.upTo(3) == 0 ? nil : expression(4)
        switch random.upTo(4) {
        case 0: return .select(select(4))
        case 1: return .exists(select(3))
        case 2: return .insert(SourceName(table: name(), index: nil), expression(4))
        case 3:
            let changes = (0...random.upTo(2)).map { _ in
                random.upTo(2) == 0 ? ChangeSyntax.remove(path()) : .set(path(), expression(3))
            }
            return .update(source(), changes, condition, returning())
        default: return .delete(source(), condition, returning())
        }
    }
}
