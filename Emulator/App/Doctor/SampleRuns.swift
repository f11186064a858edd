import Bytes
import Clock
import Doctor
import JSON
import Lambda
import Net

/// Gives each function its sample events, in an emulator of its own with nothing in it, and watches what happens.
@EventLoop
struct SampleRuns {
    /// What came of it.
    struct Outcome {
        var findings: [Finding] = []
        var actions: Set<UsedAction> = []
        /// Events by function.
        var counts: [String: Int] = [:]
    }

    struct Sample {
        /// How a user gives it to `emulator invoke`.
        let label: String
        let bytes: [UInt8]
    }

    let options: EmulatorOptions
    let functions: [Manifest.Function]

    func run() async throws -> Outcome {
        var outcome = Outcome()
        let folder = try Files.makeTemporaryDirectory(in: "/tmp")
        defer { Files.removeTree(folder) }
        var options = options
        options.data = DataFolder(path: folder)
        options.gatewayPort = nil
        options.tracesActions = true
        // No real service is asked: stand-ins answer for whatever has no key.
        for name in options.manifest.passEnvironment { options.hostEnvironment[name] = nil }
        let emulator = try await Emulator.start(options)
        for function in functions {
            let samples = samples(of: function)
            outcome.counts[function.name] = samples.count
            for sample in samples {
                let result = await emulator.lambda.invoke(
                    function.name, payload: sample.bytes, InvokeOptions(qualifier: nil, wantsLogTail: true))
                outcome.findings += Self.findings(result, function, sample, options.manifest)
            }
        }
        outcome.actions = emulator.actions?.actions ?? []
        await emulator.stop()
        var seen: Set<String> = []
        outcome.findings = outcome.findings.filter { seen.insert("\($0.subject)\n\($0.problem)").inserted }
        return outcome
    }

    // MARK: - Events

    /// Those beside its tests; where there are none, one for each thing that calls it.
    private func samples(of function: Manifest.Function) -> [Sample] {
        let folder = function.name.prefix(1).uppercased() + function.name.dropFirst()
        let path = "\(options.manifest.directory)/Tests/Functions/\(folder)/Events"
        let files = Files.names(in: path).filter { $0.hasSuffix(".json") && !$0.hasSuffix(".expected.json") }
            .sorted()
        let own = files.compactMap { name -> Sample? in
            guard let bytes = try? Files.readFile("\(path)/\(name)", limit: 6 << 20) else { return nil }
            return Sample(label: "\(path)/\(name)", bytes: bytes)
        }
        return own.isEmpty ? usual(function) : own
    }

    private func usual(_ function: Manifest.Function) -> [Sample] {
        let facts = EventFacts(
            now: SystemClock().now, region: options.manifest.region, account: options.manifest.accountID)
        return Self.callers(of: function.name, options.manifest).compactMap { service, kind in
            let sample = EventCatalog.kinds(of: service).first { kind.isEmpty || $0.kind == kind }
            guard let sample, let event = try? sample.event(facts) else { return nil }
            return Sample(label: "'emulator event \(sample.service) \(sample.kind)'", bytes: event.encoded())
        }
    }

    /// What calls a function, as services and kinds of `emulator event`.
    nonisolated static func callers(of name: String, _ manifest: Manifest) -> [(String, String)] {
        let function = manifest.function(name)
        var callers: [(String, String)] = []
        if manifest.routes.contains(where: { $0.function == name }) { callers.append(("http", "get")) }
        let methods = manifest.document["restApi"]?["routes"]?.array ?? []
        let isREST = methods.contains { ($0["function"] ?? $0["integration"]?["function"])?.string == name }
        if isREST { callers.append(("rest", "get")) }
        let chat = manifest.document["webSocketApi"]?["routes"]?.array ?? []
        if chat.contains(where: { $0["function"]?.string == name }) { callers.append(("websocket", "")) }
        for api in ["httpApi", "restApi", "webSocketApi"] {
            let authorizers = manifest.document[api]?["authorizers"]?.object ?? [:]
            if authorizers.contains(where: { $0.value["function"]?.string == name }) {
                callers.append(("authorizer", ""))
            }
        }
        for source in function?.eventSources ?? [] {
            if case .table = source.kind {
                callers.append(("dynamodb", ""))
            } else {
                callers.append(("sqs", ""))
            }
        }
        if manifest.schedules.contains(where: { $0.function == name }) { callers.append(("schedule", "")) }
        if manifest.buckets.contains(where: { $0.notifications.contains { $0.function == name } }) {
            callers.append(("s3", ""))
        }
        return callers
    }

    // MARK: - Answers

    private nonisolated static func findings(
        _ outcome: InvokeOutcome, _ function: Manifest.Function, _ sample: Sample, _ manifest: Manifest
    ) -> [Finding] {
        let subject = "function \(function.name)"
        switch outcome {
        case .success(let result), .functionError(let result):
            let text = String(utf8: result.payload) + "\n" + String(utf8: result.logTail)
            let missing = Self.missingVariables(in: text).map { lacking($0, subject, manifest) }
            guard result.functionError != nil, missing.isEmpty else { return missing }
            return [
                Finding(
                    .error, subject,
                    "It fails on the sample event \(sample.label): \(String(utf8: Array(result.payload.prefix(200))))",
                    remedy: "Run 'emulator invoke \(function.name) --event' with it, and see the log.")
            ]
        default:
            return [
                Finding(
                    .error, subject, "It could not be run on the sample event \(sample.label): \(outcome).",
                    remedy: "See what 'emulator invoke \(function.name)' says.")
            ]
        }
    }

    private nonisolated static func lacking(_ variable: String, _ subject: String, _ manifest: Manifest)
        -> Finding
    {
        if manifest.passEnvironment.contains(variable) {
            return Finding(
                .warning, subject,
                "It asked for the variable \(variable), which has a value only where it is set.",
                remedy: "Set it where 'emulator deploy' runs, or give it a value under 'environment'.")
        }
        return Finding(
            .error, subject, "It asked for the variable \(variable), which the manifest does not give it.",
            remedy: "Add \"\(variable)\" to 'environment', or to 'passEnvironment' when it is a secret.")
    }

    /// Names in sentences such as `environment variable TABLE_NAME is not set`: what a process reads of its environment
    /// cannot be seen from outside, only what it says.
    nonisolated static func missingVariables(in text: String) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let found = rest.firstRange(of: "environment variable ") {
            rest = rest[found.upperBound...]
            let name = String(rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" })
            guard !name.isEmpty, rest.dropFirst(name.count).hasPrefix(" is not set") else { continue }
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
