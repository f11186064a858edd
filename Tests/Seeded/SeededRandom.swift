import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers again for the same seed, on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// With a seed that nobody chose, printed together with the test's name. `TEST_SEED` in the environment
    /// replays a printed one.
    public static func fresh(_ name: String) -> SeededRandom {
        let given = getenv("TEST_SEED").flatMap { UInt64(String(cString: $0)) }
        let random = SeededRandom(seed: given ?? .random(in: .min ... .max))
        print("\(name): TEST_SEED=\(random.seed)")
        return random
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
