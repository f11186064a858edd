import AWSProtocol

/// The identifiers of runtimes ("Lambda runtimes" of the developer guide).
enum Runtimes {
    /// Those that a function may be made for.
    static let current = [
        "nodejs24.x", "nodejs22.x", "nodejs20.x", "nodejs18.x", "nodejs16.x", "java25", "java21", "java17",
        "java11", "java8.al2", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10",
        "python3.9", "python3.8", "dotnet10", "dotnet8", "dotnet6", "ruby4.0", "ruby3.4", "ruby3.3",
        "ruby3.2",
        "provided.al2023", "provided.al2",
    ]

    /// Those of which the service model knows, and which it refuses, with the ones it recommends instead.
    static let retired = [
        "nodejs": "nodejs22.x", "nodejs4.3": "nodejs22.x", "nodejs4.3-edge": "nodejs22.x",
        "nodejs6.10": "nodejs22.x", "nodejs8.10": "nodejs22.x", "nodejs10.x": "nodejs22.x",
        "nodejs12.x": "nodejs22.x", "nodejs14.x": "nodejs22.x", "java8": "java21",
        "python2.7": "python3.13", "python3.6": "python3.13", "python3.7": "python3.13",
        "dotnetcore1.0": "dotnet8", "dotnetcore2.0": "dotnet8", "dotnetcore2.1": "dotnet8",
        "dotnetcore3.1": "dotnet8", "ruby2.5": "ruby3.3", "ruby2.7": "ruby3.3", "go1.x": "provided.al2023",
        "provided": "provided.al2023",
    ]

    static func isKnown(_ runtime: String) -> Bool { current.contains(runtime) || retired[runtime] != nil }

    /// What AWS's messages quote.
    static var valueSet: String { "[\(current.joined(separator: ", "))]" }

    /// - Throws: `InvalidParameterValueException` when no function may be made for this runtime.
    static func check(_ runtime: String) throws(AWSError) {
        if current.contains(runtime) { return }
        if let better = retired[runtime] {
            throw LambdaError.invalidParameter(
                "The runtime parameter of \(runtime) is no longer supported for creating or updating AWS Lambda "
                    + "functions. "
                    + "We recommend you use the new runtime (\(better)) while creating or updating functions."
            )
        }
        throw LambdaError.invalidParameter(
            "Value \(runtime) at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
                + "\(valueSet) or be a valid ARN")
    }

    /// Those that SnapStart knows.
    static func takeSnapshots(_ runtime: String) -> Bool {
        [
            "java11", "java17", "java21", "java25", "python3.12", "python3.13", "python3.14", "dotnet8",
            "dotnet10",
        ]
        .contains(runtime)
    }
}
