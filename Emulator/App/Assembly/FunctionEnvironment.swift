/// The variables that a function gets on top of the standard Lambda ones.
///
/// Everything a handler has to know to work here instead of on AWS is in these variables: there is no
/// other difference. A provider whose key or address is set, here or in the manifest,
/// is the real one; otherwise its address is the offline stand-in's.
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
    /// Where the AWS services are, when it is not this machine.
    var address: String?
    /// Instead of the manifest's variables of the same names.
    var ofStage: [String: String] = [:]

    func variables(for function: Manifest.Function) -> [String: String] {
        let given = shared.merging(function.environment) { $1 }
        return standIns(beside: given).merging(given) { $1 }
    }

    /// The keys of the services that stand-ins answer for, for the start banner.
    var offlineProviders: [String] {
        Self.providers.map(\.key).filter { standIns(beside: shared)[$0] != nil }
    }

    /// What every function is given by the manifest and by the emulator's own environment.
    private var shared: [String: String] {
        var result = manifest.environment.merging(ofStage) { $1 }
        for name in manifest.passEnvironment {
            if let value = host[name], !value.isEmpty { result[name] = value }
        }
        return result
    }

    /// A service whose key or address is given is the real one; for the others that the manifest knows of, the
    /// stand-in is. Functions of a service that never heard of them find nothing but Lambda's variables.
    private func standIns(beside given: [String: String]) -> [String: String] {
        let address = address ?? "http://127.0.0.1:\(awsPort)"
        var result = ["AWS_ENDPOINT_URL": address]
        for provider in Self.providers
        where isKnown(provider.key) || isKnown(provider.address) {
            guard (given[provider.key] ?? "").isEmpty, (given[provider.address] ?? "").isEmpty else {
                continue
            }
            result[provider.key] = "offline"
            result[provider.address] = address + provider.path
        }
        return result
    }
    private func isKnown(_ variable: String) -> Bool {
        manifest.passEnvironment.contains(variable) || manifest.environment[variable] != nil
            || manifest.functions.contains { $0.environment[variable] != nil }
    }
}
