import Bytes
import Glibc
import JSON
import Net
import StackTemplate

/// The way of a template to AWS: zips to a bucket, then a change set of CloudFormation's.
struct AWSDeployment {
    let options: StageOptions
    let template: StageTemplate
    let templatePath: String
    /// nil for the usual one, which has the account's number in its name.
    let artifacts: String?
    /// The emulator's own environment, which has the values of parameters.
    let environment: [String: String]

    private var region: String { options.manifest.region }
    private var packagedPath: String { templatePath.replacing(".json", with: ".packaged.json") }
    private var parametersPath: String { templatePath.replacing(".template.json", with: ".parameters.json") }

    private static let account = ["sts", "get-caller-identity", "--query", "Account", "--output", "text"]

    /// nil for the usual bucket.
    private var namedBucket: String? {
        artifacts ?? options.manifest.document["deployment"]?["artifactBucket"]?.string
    }

    private func bucket(_ account: String) -> String {
        namedBucket ?? "\(options.manifest.service.lowercased())-artifacts-\(account)"
    }

    /// Values of `passEnvironment` that are set here; the stack keeps its own for the others.
    private var overrides: [(String, String)] {
        template.parameters.compactMap { variable, parameter in
            guard let value = environment[variable], !value.isEmpty else { return nil }
            return (parameter, value)
        }
    }

    /// The usual name can be guessed, so that somebody else may have made that bucket, to be given the code.
    private func head(_ bucket: String, _ account: String) -> AWSCommandLine {
        let owner = namedBucket == nil ? ["--expected-bucket-owner", account] : []
        return AWSCommandLine(["s3api", "head-bucket", "--bucket", bucket, "--region", region] + owner)
    }

    private func make(_ bucket: String) -> AWSCommandLine {
        AWSCommandLine(["s3", "mb", "s3://\(bucket)", "--region", region])
    }

    private func package(_ bucket: String) -> AWSCommandLine {
        AWSCommandLine([
            "cloudformation", "package", "--template-file", templatePath, "--s3-bucket", bucket,
            "--s3-prefix",
            options.stackName, "--use-json", "--output-template-file", packagedPath, "--region", region,
        ])
    }

    private func deploy(_ bucket: String) -> AWSCommandLine {
        var arguments = [
            "cloudformation", "deploy", "--template-file", packagedPath, "--stack-name", options.stackName,
            "--s3-bucket", bucket, "--s3-prefix", options.stackName, "--region", region, "--capabilities",
            "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset", "--tags",
            "service=\(options.manifest.service)", "stage=\(options.stage.rawValue)",
        ]
        // In a file, since arguments of processes can be read by everybody on the machine.
        if !overrides.isEmpty { arguments += ["--parameter-overrides", "file://\(parametersPath)"] }
        return AWSCommandLine(arguments)
    }

    /// What ``run()`` does, as lines for a shell.
    var commands: [String] {
        let account = "$(\(AWSCommandLine(Self.account).text))"
        let bucket = bucket(account)
        return [
            "\(head(bucket, account).text) || \(make(bucket).text)", package(bucket).text,
            deploy(bucket).text,
        ]
    }

    func write() throws(CommandFailure) {
        do {
            try Files.makeDirectories(options.packages)
            try Files.writeFile(templatePath, Array(template.text.utf8))
        } catch {
            throw CommandFailure(.cannotCreate, "\(templatePath) cannot be written (\(error)).")
        }
    }

    @EventLoop
    func run() async throws {
        let account = String(utf8: try await AWSCommandLine(Self.account).run() ?? []).trimmed
        let bucket = bucket(account)
        // 403 is somebody else's bucket, or a permission that is missing: another one would not be made, either.
        if try await head(bucket, account).run(unless: { $0.contains("(404)") }) == nil {
            Terminal.note("making the bucket \(bucket) for the zips")
            try await make(bucket).run()
        }
        Terminal.note("uploading the zips to \(bucket)")
        try await package(bucket).run()
        Terminal.note("deploying the stack \(options.stackName), which takes some minutes")
        defer { Files.removeFile(parametersPath) }
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // A process that a signal ends leaves everything as it is, secrets included.
            onSignal(signal) { [parametersPath] in
                Files.removeFile(parametersPath)
                exit(128 + signal)
            }
        }
        if !overrides.isEmpty {
            let values = overrides.map { JSONValue.string("\($0)=\($1)") }
            try Files.writeFile(parametersPath, JSONValue.array(values).encoded(), mode: 0o600)
        }
        try await deploy(bucket).run()
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
