import Bytes
import Testing

@Suite struct BufferedRandomTests {
    @Test func numbersDifferAcrossRefills() {
        let generator = BufferedRandomNumberGenerator()
        let numbers = Set((0..<5_000).map { _ in generator.next() })
        #expect(numbers.count == 5_000)
        // Every bit is set in some number and clear in another.
        #expect(numbers.reduce(0, |) == .max)
        #expect(numbers.reduce(.max, &) == 0)
    }

    @Test func threadsNeverGetTheSame() async {
        let all = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let generator = BufferedRandomNumberGenerator()
                    return (0..<2_000).map { _ in generator.next() }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 16_000)
    }
}
