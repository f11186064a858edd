/// The host names of function URLs: `ID.lambda-url.REGION.localhost`, or with AWS's own ending.
public enum FunctionURLHost {
    static let label = "lambda-url"

    /// The id of the URL that a `Host` header names; nil for every other host.
    public static func id(ofHost host: String) -> String? {
        // Every request is asked, and nearly none has such a host.
        guard let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), let initial = label.utf8.first,
            host.utf8[dot...].dropFirst().first.map({ $0 | 0x20 == initial }) == true
        else { return nil }
        let labels = host.prefix { $0 != ":" }.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 3, labels[1].lowercased() == label, !labels[0].isEmpty else { return nil }
        return labels[0].lowercased()
    }
}
