import Glibc

/// What the commands print: results go to standard output, everything else to standard error,
/// so that `emulator invoke NAME > answer.json` holds the answer only.
enum Terminal {
    static func out(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }
    static func raw(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }
    static func rawNote(_ bytes: [UInt8]) { write(bytes, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
            }
            // A closed pipe (`emulator routes | head`) ends the output, not the program.
            if count < 0 && errno != EINTR { return }
            if count > 0 { sent += count }
        }
    }

    /// Left-aligned columns with two spaces between them.
    static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell
                if index < row.count - 1 {
                    line += String(repeating: " ", count: widths[index] - cell.count + 2)
                }
            }
            return line
        }.joined(separator: "\n")
    }
}

extension Double {
    /// Milliseconds or seconds with two decimals, without any C format string.
    var twoDecimals: String {
        let scaled = (self * 100).rounded()
        let whole = Int(scaled / 100)
        let fraction = Int(scaled.magnitude) % 100
        return "\(whole).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
