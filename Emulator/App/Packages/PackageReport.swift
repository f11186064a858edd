import JSON
import Packaging

/// What `emulator package` tells of one function.
struct PackageReport: Sendable {
    let function: String
    let zip: String
    let zippedBytes: Int
    let unzippedBytes: Int
    /// nil for a bootstrap that is no ELF file.
    let program: ELFFile?
    /// nil when it was not measured.
    var initTime: InitMeter.Reading?

    /// Why it would not start on Lambda.
    var obstacles: [BaseImage.Obstacle] {
        guard let program else { return [] }
        return BaseImage.al2023.obstacles(
            to: program, architecture: program.machine == .arm64 ? .arm64 : .amd64)
    }

    private var initMilliseconds: Double? {
        guard case .median(let time) = initTime else { return nil }
        return (time * 100).rounded() / 100
    }

    var json: JSONValue {
        [
            "function": .string(function), "zip": .string(zip), "zippedBytes": .number(.init(zippedBytes)),
            "unzippedBytes": .number(.init(unzippedBytes)),
            "architecture": program.map { .string($0.machine.description) } ?? .null,
            "libraries": .array((program?.libraries ?? []).map { .string($0) }),
            "glibcFloor": program?.glibcFloor.map { .string($0.description) } ?? .null,
            "initMilliseconds": initMilliseconds.map { .number(.init($0)) } ?? .null,
            "obstacles": .array(obstacles.map { .string($0.description) }),
        ]
    }

    static let head = ["FUNCTION", "ZIPPED", "UNZIPPED", "NEEDS", "GLIBC", "INIT", "ZIP"]

    var row: [String] {
        let needs = program.map { $0.libraries.isEmpty ? "nothing" : $0.libraries.joined(separator: " ") }
        return [
            function, Self.megabytes(zippedBytes), Self.megabytes(unzippedBytes), needs ?? "a script",
            program?.glibcFloor.map { "\($0)" } ?? "-",
            initMilliseconds.map { "\($0.twoDecimals) ms" } ?? "-", zip,
        ]
    }

    /// What should not be overlooked below the table.
    var warnings: [String] {
        var lines = obstacles.map { "\(function) will not start on \(BaseImage.al2023.runtime): \($0)." }
        if case .failed(let words) = initTime { lines.append("\(function) did not start here: \(words)") }
        return lines
    }

    /// Of a million bytes.
    private static func megabytes(_ bytes: Int) -> String { (Double(bytes) / 1_000_000).twoDecimals + " MB" }
}
