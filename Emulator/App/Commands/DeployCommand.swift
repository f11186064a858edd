import JSON
import Net
import StackTemplate

/// `emulator deploy --stage STAGE`: brings the manifest and its packages to AWS, or to an emulator.
enum DeployCommand: Command {
    static let spec = CommandSpec(
        name: "deploy", summary: "Deploy a stage to AWS by CloudFormation, or to an emulator.", arguments: "",
        minimumArguments: 0, maximumArguments: 0,
        options: [
            StageOptions.stage, CommonOptions.manifest, StageOptions.packages, StageOptions.endpoint,
            .init("dry-run", "Write the template and print the commands, but run none."),
            .init("template", "-", "Print the template and do nothing else."),
            .init(
                "artifacts", "BUCKET",
                "Where the zips are uploaded. Default: deployment.artifactBucket, then SERVICE-artifacts-ACCOUNT."
            ),
            CommonOptions.json,
        ],
        details: """
            Renders one AWS SAM template from the manifest and hands it to the 'aws' command line, whose profile and
            credentials count. Variables under passEnvironment become parameters: those that are set here are handed
            over, for the others the stack keeps its values. What AWS does not do as the emulator is refused.

            With --endpoint-url, functions, tables, buckets and event sources are made by the services' own requests:
            start that emulator with --deployed, so that it runs what is uploaded. See docs/Deploying.md.
            """,
        examples: [
            "emulator package && emulator deploy --stage dev", "emulator deploy --stage prod --dry-run",
            "emulator deploy --stage dev --template - | cfn-lint -",
            "emulator deploy --stage dev --endpoint-url http://127.0.0.1:4566",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let options = try StageOptions(arguments)
        if let endpoint = options.endpoint {
            let plan = try EndpointPlan(options, endpoint: endpoint, environment: ProcessFacts.environment())
            return try await deploy(
                plan, isTrial: arguments.flags.contains("dry-run"), json: arguments.wantsJSON)
        }
        let template = try options.template()
        if let target = arguments.values["template"] {
            guard target == "-" else {
                throw CommandFailure(.usage, "--template takes '-' only: standard output.")
            }
            Terminal.raw(Array(template.text.utf8))
            return .success
        }
        let isTrial = arguments.flags.contains("dry-run")
        if !isTrial { try options.checkPackages() }
        let deployment = AWSDeployment(
            options: options, template: template, templatePath: options.templatePath,
            artifacts: arguments.values["artifacts"], environment: ProcessFacts.environment())
        do { try template.check(environment: deployment.environment) } catch {
            throw options.manifest.error(error)
        }
        try deployment.write()
        if isTrial {
            show(deployment, json: arguments.wantsJSON)
            return .success
        }
        try await deployment.run()
        return .success
    }

    /// One part after the other: functions need their tables, event sources need both.
    private static func deploy(_ plan: EndpointPlan, isTrial: Bool, json: Bool) async throws -> ExitCode {
        var done: [EndpointChange] = []
        for part in plan.parts {
            for change in try await part() {
                if !isTrial { try await change.apply() }
                if !json { Terminal.note("\(change.kind.rawValue) \(change.thing)") }
                done.append(change)
            }
        }
        if json {
            Terminal.out(JSONValue.array(done.map(\.json)).encodedString())
        } else if done.isEmpty {
            Terminal.note("Nothing differs.")
        }
        return .success
    }

    private static func show(_ deployment: AWSDeployment, json: Bool) {
        guard json else {
            Terminal.note("The template is \(deployment.templatePath); these commands would deploy it:")
            return Terminal.out(deployment.commands.joined(separator: "\n"))
        }
        let document: JSONValue = [
            "template": .string(deployment.templatePath), "stack": .string(deployment.options.stackName),
            "commands": .array(deployment.commands.map { .string($0) }),
        ]
        Terminal.out(document.encodedString())
    }
}
