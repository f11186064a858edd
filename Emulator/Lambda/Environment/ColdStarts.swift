import Net

/// How long the inits of one function took, as measured here.
struct ColdStarts {
    /// Older ones are forgotten.
    private static let kept = 1000

    private(set) var count = 0
    private(set) var failures = 0
    private var recent: [Double] = []

    mutating func note(milliseconds: Double) {
        if recent.count < Self.kept {
            recent.append(milliseconds)
        } else {
            recent[count % Self.kept] = milliseconds
        }
        count += 1
    }

    mutating func noteFailure() { failures += 1 }

    var last: Double? { recent.isEmpty ? nil : recent[(count - 1) % Self.kept] }

    /// - Parameter fraction: 0.5 for the median.
    func quantile(_ fraction: Double) -> Double? {
        guard !recent.isEmpty else { return nil }
        let sorted = recent.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }
}

/// What a cold start costs on AWS before the function's own init begins: a place is found, the code fetched
/// and unpacked, the sandbox set up.
///
///     delay in ms = 60 + 3 × MiB of code and layers + 40 × (1 − min(memory, 1769) / 1769)
///
/// AWS publishes no such numbers. These give the usual order: some 100 ms for a small program, some 850 ms for
/// the largest permitted package.
public enum ColdStartModel {
    public static func delayMilliseconds(codeBytes: Int64, memoryMB: Int) -> Int {
        let mebibytes = min(250, Double(max(0, codeBytes)) / 1_048_576)
        let memory = min(Double(memoryMB), CPUShare.megabytesPerProcessor)
        return Int((60 + 3 * mebibytes + 40 * (1 - memory / CPUShare.megabytesPerProcessor)).rounded())
    }
}

/// The cold starts of one function, for a report.
public struct ColdStartReport: Sendable {
    public let function: String
    public let version: String
    /// Inits that came to their end, and those that failed.
    public let inits: Int
    public let failures: Int
    /// Milliseconds from the start of the process to its first poll; nil before the first.
    public let last, median, p90, longest: Double?
    /// Bytes of code and layers.
    public let codeBytes: Int64
    public let memoryMB: Int
    /// What ``ColdStartModel`` adds, and whether it does.
    public let modelledDelayMs: Int
    public let isDelayed: Bool
    /// Environments that exist now.
    public let environments: Int
}

extension FunctionHost {
    var coldStartReport: ColdStartReport {
        ColdStartReport(
            function: definition.name, version: definition.version, inits: coldStarts.count,
            failures: coldStarts.failures, last: coldStarts.last, median: coldStarts.quantile(0.5),
            p90: coldStarts.quantile(0.9), longest: coldStarts.quantile(1), codeBytes: codeBytes,
            memoryMB: definition.memoryMB, modelledDelayMs: modelledDelayMs,
            isDelayed: configuration.delaysColdStarts, environments: environments.count)
    }

    var modelledDelayMs: Int {
        ColdStartModel.delayMilliseconds(codeBytes: codeBytes, memoryMB: definition.memoryMB)
    }

    private var codeBytes: Int64 {
        let code =
            definition.taskFolder.map { Files.treeSize($0) }
            ?? Files.fileSize(definition.executablePath) ?? 0
        return code + (definition.layerFolder.map { Files.treeSize($0) } ?? 0)
    }
}

extension LambdaService {
    /// How long functions took to start, by name; those with no init yet among them.
    public func coldStartReports() -> [ColdStartReport] {
        hosts.values.map(\.coldStartReport).sorted { ($0.function, $0.version) < ($1.function, $1.version) }
    }

    /// Makes the next invocation of a function, or of all, a cold start. Invocations under way go on.
    /// - Returns: how many environments are given up; nil when there is no such function.
    public func makeCold(_ name: String?) -> Int? {
        let chosen = hosts.values.filter { name == nil || $0.definition.name == name }
        if chosen.isEmpty, name != nil { return nil }
        return chosen.reduce(0) { $0 + $1.makeCold() }
    }
}
