/// The variables that a function gets on top of the standard Lambda ones.
///
/// Everything a handler has to know to work here instead of on AWS is in these variables: there is no
/// other difference. A provider whose key is set in the emulator's own environment is the real one;
/// otherwise its address is the offline stand-in's.
struct FunctionEnvironment {
    /// One outside service: the variable that holds its key, the one that holds its address, and the
    /// stand-in's path on the AWS port.
    private static let providers = [
        (key: "OPENAI_API_KEY", address: "OPENAI_BASE_URL", path: "/_providers/openai/v1"),
        (key: "OPENWEATHER_API_KEY", address: "OPENWEATHER_BASE_URL", path: "/_providers/openweather"),
    ]

    let manifest: Manifest
    let awsPort: Int
    /// The emulator's own environment.
    let host: [String: String]

    func variables(for function: Manifest.Function) -> [String: String] {
        let address = "http://127.0.0.1:\(awsPort)"
        var result = ["AWS_ENDPOINT_URL": address]
        for provider in Self.providers where !isReal(provider.key) {
            result[provider.key] = "offline"
            result[provider.address] = address + provider.path
        }
        result.merge(manifest.environment) { $1 }
        for name in manifest.passEnvironment {
            if let value = host[name], !value.isEmpty { result[name] = value }
        }
        return result.merging(function.environment) { $1 }
    }

    /// What each provider is, for the start banner.
    var offlineProviders: [String] { Self.providers.filter { !isReal($0.key) }.map(\.key) }

    private func isReal(_ key: String) -> Bool {
        manifest.passEnvironment.contains(key) && !(host[key] ?? "").isEmpty
    }
}
