import JSON
import Net

/// An event that a command is given.
struct EventFile {
    /// Lambda's own limit.
    private static let largest = 6 << 20

    let bytes: [UInt8]
    let document: JSONValue

    /// - Parameter source: a path; `-` is standard input.
    static func read(_ source: String) throws(CommandFailure) -> EventFile {
        let bytes: [UInt8]
        do {
            bytes = try Files.readFile(source == "-" ? "/dev/stdin" : source, limit: largest)
        } catch {
            throw CommandFailure(.missingInput, "The event \(source) cannot be read (\(error)).")
        }
        do {
            return EventFile(bytes: bytes, document: try JSONValue.parse(bytes))
        } catch {
            throw CommandFailure(
                .invalidData, "The event \(source) is not JSON: \(error.reason) (line \(error.line)).")
        }
    }
}
