/// The regular expressions of the service model, read by hand: each is a few classes of ASCII characters.
enum Patterns {
    static let role = #"arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"#

    /// Letters, digits and what `also` holds; not empty.
    static func isWord(_ text: some StringProtocol, also: String = "-_") -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: also.utf8.contains(byte)
                }
            }
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The name of an alias: a word that is no number.
    static func isAlias(_ text: String) -> Bool { isWord(text) && !isDigits(text) }

    static func isRole(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", isPartition(parts[1]), parts[2] == "iam", parts[3].isEmpty,
            isAccount(parts[4]), parts[5].hasPrefix("role")
        else { return false }
        let name = parts[5].dropFirst(4)
        return !name.isEmpty && isWord(name, also: "_+=,.@-/") && name != "/"
    }

    /// Something like `arn:aws:SERVICE:...`, or nothing.
    static func isARNOrEmpty(_ text: String) -> Bool {
        if text.isEmpty { return true }
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "arn" && isPartition(parts[1])
            && isWord(parts[2], also: "-.") && parts[2].utf8.allSatisfy { !(0x41...0x5a).contains($0) }
    }

    /// `arn:aws:SERVICE:REGION?:ACCOUNT?:...`
    static func isSourceARN(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), isWord(parts[2], also: "-")
        else {
            return false
        }
        return (parts[3].isEmpty || isRegion(parts[3])) && (parts[4].isEmpty || isAccount(parts[4]))
    }

    static let accessPoint =
        #"arn:aws[a-zA-Z-]*:elasticfilesystem:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:access-point/"#
        + "fsap-[a-f0-9]{17}"

    static func isAccessPoint(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), isPartition(parts[1]),
            parts[2] == "elasticfilesystem", isRegion(parts[3]), isAccount(parts[4]),
            parts[5].hasPrefix("access-point/fsap-")
        else { return false }
        let id = parts[5].dropFirst("access-point/fsap-".count)
        return id.utf8.count == 17
            && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func isPartition(_ text: Substring) -> Bool {
        text.isEmpty
            || text.hasPrefix("aws") && text.utf8.allSatisfy { $0 == 0x2d || (0x41...0x7a).contains($0) }
    }

    static func isAccount(_ text: some StringProtocol) -> Bool { text.utf8.count == 12 && isDigits(text) }

    static func isRegion(_ text: some StringProtocol) -> Bool {
        let words = text.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count >= 3, words[0].utf8.count == 2, let last = words.last, last.utf8.count == 1,
            isDigits(last)
        else { return false }
        return words.dropLast().allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { (0x61...0x7a).contains($0) }
        }
    }

    static func hasNoSpace(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 == 0x20 || (0x09...0x0d).contains($0) }
    }
}
