/// A bucket's rules, made ready once for the many requests that are held against them.
struct CORSRules: Sendable {
    private let rules: [Ready]

    init(_ rules: [CORSRule]) { self.rules = rules.map { Ready($0) } }

    var isEmpty: Bool { rules.isEmpty }

    /// The first rule that fits, and whether any origin fits it.
    struct Match {
        var rule: CORSRule
        var isForAnyone: Bool
    }

    /// - Parameter comparisons: grows with each pattern that a text is held against, for tests that count them.
    func match(
        origin: String, method: String, _ headers: CORSRequestedHeaders, comparisons: inout Int
    ) -> Match? {
        guard !headers.areTooMany else { return nil }
        for ready in rules where ready.rule.allowedMethods.contains(method) {
            guard let pattern = ready.origins.first(fitting: origin.utf8, &comparisons) else { continue }
            guard ready.allows(headers, &comparisons) else { continue }
            return Match(rule: ready.rule, isForAnyone: pattern.isAnything)
        }
        return nil
    }

    private struct Ready: Sendable {
        let rule: CORSRule
        let origins: [CORSPattern]
        /// Lower-case names without a wildcard: looked up, not compared one by one.
        private let headerNames: Set<[UInt8]>
        private let headerPatterns: [CORSPattern]
        private let allowsAllHeaders: Bool

        init(_ rule: CORSRule) {
            self.rule = rule
            origins = rule.allowedOrigins.map { CORSPattern($0) }
            let patterns = rule.allowedHeaders.map { CORSPattern($0.lowercased()) }
            headerNames = Set(patterns.compactMap(\.plain))
            headerPatterns = patterns.filter { $0.plain == nil }
            allowsAllHeaders = patterns.contains(where: \.isAnything)
        }

        func allows(_ headers: CORSRequestedHeaders, _ comparisons: inout Int) -> Bool {
            if allowsAllHeaders { return true }
            for name in headers.distinct where !headerNames.contains(name) {
                guard headerPatterns.first(fitting: name, &comparisons) != nil else { return false }
            }
            return true
        }
    }
}

/// A text with at most one `*`, which stands for any text. Compared byte by byte.
struct CORSPattern: Sendable {
    private let head: [UInt8]
    /// Behind the `*`; nil without one.
    private let tail: [UInt8]?

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let star = bytes.firstIndex(of: UInt8(ascii: "*"))
        head = Array(bytes[..<(star ?? bytes.endIndex)])
        tail = star.map { Array(bytes[($0 + 1)...]) }
    }

    var isAnything: Bool { head.isEmpty && tail?.isEmpty == true }

    /// The text itself when it has no `*`.
    var plain: [UInt8]? { tail == nil ? head : nil }

    func fits(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        guard let tail else { return text.elementsEqual(head) }
        return text.count >= head.count + tail.count && text.starts(with: head)
            && text.suffix(tail.count).elementsEqual(tail)
    }
}

extension [CORSPattern] {
    fileprivate func first(
        fitting text: some BidirectionalCollection<UInt8>, _ comparisons: inout Int
    ) -> CORSPattern? {
        first { pattern in
            comparisons += 1
            return pattern.fits(text)
        }
    }
}

/// What `Access-Control-Request-Headers` names. Browsers send a few dozen names at most; of a request with more than
/// these limits nothing is allowed, for anybody may ask, and each name is held against many patterns.
struct CORSRequestedHeaders: Sendable {
    static let maxNames = 256
    /// Bytes of one name.
    static let longestName = 256

    /// Lower-case, in the order sent.
    private(set) var names: [String] = []
    private(set) var distinct: Set<[UInt8]> = []
    private(set) var areTooMany = false

    /// - Parameter fields: several fields of that name are one list.
    init(_ fields: [String]) {
        for name in fields.lazy.flatMap({ $0.utf8.split(separator: UInt8(ascii: ",")) }) {
            let bytes = name.filter { $0 != 0x20 && $0 != 0x09 }
            if bytes.isEmpty { continue }
            guard names.count < Self.maxNames, bytes.count <= Self.longestName else {
                areTooMany = true
                return
            }
            let lower = String(decoding: bytes, as: UTF8.self).lowercased()
            names.append(lower)
            distinct.insert(Array(lower.utf8))
        }
    }
}
