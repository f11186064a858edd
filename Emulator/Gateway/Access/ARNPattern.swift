/// A resource or action of a policy, in which `*` stands for any text and `?` for any character.
struct ARNPattern: Sendable, Equatable {
    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Goes back to the last star only: what came before it has matched as early as it could.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (at, place) = (0, 0)
        var star: (next: Int, place: Int)?
        while place < text.count {
            if at < pattern.count, pattern[at] == 0x2A {
                star = (at + 1, place)
                at += 1
            } else if at < pattern.count, pattern[at] == 0x3F || pattern[at] == text[place] {
                at += 1
                place += 1
            } else if let last = star {
                star = (last.next, last.place + 1)
                (at, place) = (last.next, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == 0x2A }
    }
}
