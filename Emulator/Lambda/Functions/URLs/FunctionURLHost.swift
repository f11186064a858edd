/// The host names of function URLs: `ID.lambda-url.REGION.localhost`, or with AWS's own ending.
public enum FunctionURLHost {
    static let label = "lambda-url"

    /// The id of the URL that a `Host` header names; nil for every other host.
    public static func id(ofHost host: String) -> String? {
        let labels = host.prefix { $0 != ":" }.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 3, labels[1].lowercased() == label, !labels[0].isEmpty else { return nil }
        return labels[0].lowercased()
    }
}
