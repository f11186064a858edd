import JSON
import Net

/// The recordings on disk: one file each, whose name tells when and what, so that a listing reads none of them.
struct RecordingFolder: Sendable {
    static let most = 1_000
    static let mostBytes: Int64 = 64 << 20
    /// A recording with both payloads, escaped in the worst way.
    private static let largestFile = 4 << 20

    /// What a file's name tells.
    struct Entry: Sendable, Equatable {
        let file: String
        /// Grows from one recording to the next.
        let order: String
        let function: String
        let requestID: String

        /// nil for files that are none of ours.
        init?(file: String) {
            let parts = file.split(separator: "~", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasSuffix(".json") else { return nil }
            self.file = file
            order = String(parts[0])
            function = String(parts[1])
            requestID = String(parts[2].dropLast(5))
        }

        /// - Parameter milliseconds: since 1970.
        init(milliseconds: Int64, number: Int, function: String, requestID: String) {
            func padded(_ value: some BinaryInteger, _ width: Int) -> String {
                let text = String(value)
                return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
            }
            order = "\(padded(milliseconds, 15))-\(padded(number % 1_000_000, 6))"
            self.function = function
            // Callers may choose ids, which must stay names of files.
            let safe = requestID.filter { $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" || $0 == "=" }
            self.requestID = String(safe.prefix(64))
            file = "\(order)~\(function)~\(self.requestID).json"
        }
    }

    let path: String

    /// The oldest first.
    func entries() -> [Entry] {
        Files.names(in: path).compactMap { Entry(file: $0) }.sorted { $0.order < $1.order }
    }

    /// What a killed process left half-written.
    func removeTorn() {
        for name in Files.names(in: path) where name.hasSuffix(".tmp") { Files.removeFile("\(path)/\(name)") }
    }

    func size(_ entry: Entry) -> Int64 { Files.fileSize("\(path)/\(entry.file)") ?? 0 }

    func read(_ entry: Entry) -> Recording? {
        guard let bytes = try? Files.readFile("\(path)/\(entry.file)", limit: Self.largestFile),
            let json = try? JSONValue.parse(bytes)
        else { return nil }
        return Recording(json)
    }

    /// Readable by this user alone.
    /// - Returns: bytes of the file.
    func write(_ recording: Recording, _ entry: Entry) throws -> Int64 {
        try Files.makeDirectories(path)
        let bytes = recording.json.encoded()
        try Files.writeFile("\(path)/\(entry.file)", bytes, mode: 0o600)
        return Int64(bytes.count)
    }

    func remove(_ entry: Entry) { Files.removeFile("\(path)/\(entry.file)") }
}
