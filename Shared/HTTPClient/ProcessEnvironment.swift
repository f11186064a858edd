import Glibc

/// The variables this process was started with.
public enum ProcessEnvironment {
    /// All variables; values that are no UTF-8 are repaired.
    public static var all: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                result[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        return result
    }

    /// One variable, without copying the others.
    public static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
