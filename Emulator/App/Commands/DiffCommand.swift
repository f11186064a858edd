import Bytes
import JSON
import Net
import StackTemplate

/// `emulator diff --stage STAGE`: what a deployment would change.
enum DiffCommand: Command {
    static let spec = CommandSpec(
        name: "diff", summary: "Show what 'emulator deploy' would change.", arguments: "",
        minimumArguments: 0,
        maximumArguments: 0,
        options: [
            StageOptions.stage, CommonOptions.manifest, StageOptions.packages, StageOptions.endpoint,
            CommonOptions.json,
        ],
        details: """
            Compares the template with the one of the deployed stack ('aws cloudformation get-template'), resource by
            resource. Code is not compared there: CloudFormation keeps the place of a zip only. With --endpoint-url the
            functions, tables, buckets and event sources of that emulator are asked, code included. Exits with 1 when
            something differs, with 69 when AWS could not be asked.
            """,
        examples: [
            "emulator diff --stage prod",
            "emulator diff --stage dev --endpoint-url http://127.0.0.1:4566 --json",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let options = try StageOptions(arguments)
        if let endpoint = options.endpoint {
            let plan = try EndpointPlan(options, endpoint: endpoint, environment: ProcessFacts.environment())
            var changes: [EndpointChange] = []
            for part in plan.parts { changes += try await part() }
            show(changes.map { ($0.kind.rawValue, $0.thing, $0.details) }, json: arguments.wantsJSON)
            return changes.isEmpty ? .success : .failure
        }
        let wanted = try options.template().document
        let changes = TemplateDifference.changes(from: try await deployed(options), to: wanted)
        show(changes.map { ($0.kind.rawValue, $0.thing, $0.details) }, json: arguments.wantsJSON)
        return changes.isEmpty ? .success : .failure
    }

    /// The template that was handed to CloudFormation; nil when there is no such stack.
    private static func deployed(_ options: StageOptions) async throws -> JSONValue? {
        let stack = ["--stack-name", options.stackName, "--region", options.manifest.region]
        let exists = AWSCommandLine(["cloudformation", "describe-stacks"] + stack)
        let found = try await exists.run(failing: .unavailable) { words in
            words.contains("(ValidationError)") && words.contains("does not exist")
        }
        guard found != nil else {
            Terminal.note("There is no stack \(options.stackName) in \(options.manifest.region) yet.")
            return nil
        }
        let command = AWSCommandLine(
            ["cloudformation", "get-template"] + stack + ["--template-stage", "Original", "--output", "json"])
        let output = try await command.run(failing: .unavailable) ?? []
        guard let answer = try? JSONValue.parse(output), let body = answer["TemplateBody"] else {
            throw CommandFailure(.failure, "'\(command.text)' printed no template.")
        }
        // A template that was uploaded as text comes back as text.
        if let text = body.string {
            guard let document = try? JSONValue.parse(Array(text.utf8)) else {
                throw CommandFailure(
                    .failure,
                    "The stack \(options.stackName) was not made by 'emulator deploy': its template is no JSON."
                )
            }
            return document
        }
        return body
    }

    private static func show(_ changes: [(kind: String, thing: String, details: [String])], json: Bool) {
        if json {
            let list = changes.map { change -> JSONValue in
                [
                    "change": .string(change.kind), "thing": .string(change.thing),
                    "details": .array(change.details.map { .string($0) }),
                ]
            }
            return Terminal.out(JSONValue.array(list).encodedString())
        }
        guard !changes.isEmpty else { return Terminal.out("Nothing differs.") }
        for change in changes {
            Terminal.out("\(change.kind) \(change.thing)" + change.details.map { "\n  \($0)" }.joined())
        }
    }
}
