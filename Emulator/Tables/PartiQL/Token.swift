/// Where something stands in a statement. Error texts show it as `line:column:length`.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// In Unicode scalars.
    public let length: Int

    public var description: String { "\(line):\(column):\(length)" }
}

/// A lexical unit of a statement.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// A reserved word, in lower case.
        case keyword(String)
        case identifier(String)
        /// A name in double quotes, which may be any.
        case quoted(String)
        case string(String)
        /// Digits with an optional fraction and exponent, without a sign.
        case number(String)
        case symbol(String)
        case parameter
        case end
    }

    let kind: Kind
    let position: SourcePosition

    func isKeyword(_ word: String) -> Bool { kind == .keyword(word) }
    func isSymbol(_ text: String) -> Bool { kind == .symbol(text) }
}

/// Words that do not name attributes unless they are quoted: those of SQL-92 and PartiQL (PartiQL
/// Specification, "Reserved words"), without the parts of dates, which are no keywords outside of date
/// functions.
enum Keywords {
    static let all: Set<String> = Set(
        """
        absolute action add all allocate alter and any are as asc assertion at authorization avg begin between \
        bit bit_length by cascade cascaded case cast catalog char character character_length char_length check \
        close coalesce collate collation column commit connect connection constraint constraints continue \
        convert corresponding count create cross current current_date current_time current_timestamp \
        current_user cursor date deallocate dec decimal declare default deferrable deferred delete desc \
        describe descriptor diagnostics disconnect distinct domain double drop else end escape except \
        exception exec execute exists external extract date_add date_diff false fetch first float for foreign \
        found from full get global go goto grant group having identity immediate in indicator initially inner \
        input insensitive insert int integer intersect interval into is isolation join key language last left \
        level like local lower match max min module names national natural nchar next no not null nullif \
        numeric octet_length of on only open option or order outer output overlaps pad partial position \
        precision prepare preserve primary prior privileges procedure public read real references relative \
        restrict revoke right rollback rows schema scroll section select session session_user set size \
        smallint some space sql sqlcode sqlerror sqlstate substring sum system_user table temporary then time \
        timestamp to transaction translate translation trim true union unique unknown update upper usage user \
        using value values varchar varying view when whenever where with work write zone can_cast \
        can_lossless_cast missing pivot unpivot limit offset tuple remove index let integer2 int2 integer4 \
        int4 integer8 int8 bigint conflict do nothing returning modified new old bool boolean string symbol \
        clob blob struct list sexp bag
        """.split(separator: " ").map(String.init))

    /// Keywords that name a function when a parenthesis follows.
    static let functions: Set<String> = [
        "exists", "count", "avg", "max", "min", "sum", "char_length", "character_length", "octet_length",
        "bit_length", "upper", "lower", "size", "sexp", "list", "bag",
    ]

    /// What may stand after IS.
    static let types: Set<String> = [
        "missing", "null", "bool", "boolean", "smallint", "int", "int2", "int4", "int8", "integer",
        "integer2",
        "integer4", "integer8", "bigint", "float", "real", "decimal", "dec", "numeric", "timestamp", "date",
        "time", "char", "character", "varchar", "string", "symbol", "clob", "blob", "struct", "tuple", "list",
        "sexp", "bag", "any",
    ]
}
