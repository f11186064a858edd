import Bytes
import HTTPClient

/// How requests are split between a legacy server and the functions that are to replace it. AWS's own canaries split
/// between two deployments, at random and never sticky; of the same name is only `percentTraffic`.
public struct CanarySettings: Sendable {
    /// By what a caller stays on one side.
    public enum Stickiness: Sendable, Equatable {
        /// A cookie that the gateway sets.
        case cookie
        case sourceIP
        case identity(IdentitySource)

        /// `cookie`, `sourceIp`, or a place such as `method.request.header.X-User`.
        public init?(_ text: String) {
            switch text {
            case "cookie": self = .cookie
            case "sourceIp": self = .sourceIP
            default:
                guard let source = IdentitySource(text) else { return nil }
                self = .identity(source)
            }
        }
    }

    /// `http://127.0.0.1:9000/base`; the path without its stage is appended.
    public var legacyURL: URLParts
    /// Of requests that the functions answer, 0 to 100.
    public var percentTraffic: Double
    public var stickiness: Stickiness?
    /// Whether the side that does not answer gets a copy.
    public var rehearsal: Bool
    /// Places of JSON answers that may differ, such as `$.requestId`.
    public var ignoredPaths: [String]

    public init(
        legacyURL: URLParts, percentTraffic: Double = 0, stickiness: Stickiness? = nil,
        rehearsal: Bool = false,
        ignoredPaths: [String] = []
    ) {
        self.legacyURL = legacyURL
        self.percentTraffic = percentTraffic
        self.stickiness = stickiness
        self.rehearsal = rehearsal
        self.ignoredPaths = ignoredPaths
    }
}

/// Who answers.
public enum CanarySide: String, Sendable {
    case functions, legacy

    var other: CanarySide { self == .functions ? .legacy : .functions }
}

/// Decides about sides. Pure.
enum CanaryChoice {
    /// Parts of the traffic are counted in these.
    static let buckets: UInt64 = 10_000

    /// - Parameter bucket: 0 to 9,999. A larger percentage only moves callers from the legacy side to the functions.
    static func side(bucket: UInt64, percent: Double) -> CanarySide {
        Double(bucket) < percent * 100 ? .functions : .legacy
    }

    /// The same for the same text, evenly spread.
    static func bucket(of text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // FNV leaves the high bits of short texts alike.
        hash ^= hash >> 33
        hash = hash &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        return hash % buckets
    }
}
