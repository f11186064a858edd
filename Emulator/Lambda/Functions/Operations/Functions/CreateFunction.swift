import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net

/// POST /2015-03-31/functions
enum CreateFunction {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let plan = try Plan(DocumentReader(try await request.document()), request)
        let settings = try FunctionSettings(name: plan.name).new(plan.input)
        try service.check(deadLetterQueueOf: settings)
        try service.checkLayers(plan.input.layers ?? [])
        let tags = try TagRules.checked(plan.tags)
        try refuseTwin(plan.name, service)
        let taken = try await service.takeCode(plan.code)
        return try await service.keeping(taken) { () async throws(AWSError) in
            await service.catalogue.lock(plan.name)
            defer { service.catalogue.unlock(plan.name) }
            try refuseTwin(plan.name, service)
            // Again: unpacking takes its time. From here to the commit nothing else happens.
            try service.checkLayers(plan.input.layers ?? [])
            try service.checkUnzipped(taken.code, layers: plan.input.layers ?? [])
            var record = FunctionRecord(name: plan.name)
            record.latest = VersionRecord(
                version: VersionRecord.latest, settings: settings, code: taken.code,
                modified: request.context.now, revision: UUID4.make(), content: UUID4.make())
            record.tags = tags
            let shown =
                plan.publishes
                ? PublishVersion.publish(&record, description: nil, at: request.context.now) : record.latest
            try await service.catalogue.put(record, instead: nil, adopting: taken)
            service.refreshConcurrency(of: plan.name)
            service.begin(.pending, plan.name)
            if plan.publishes { service.begin(.pending, plan.name, "1") }
            guard let shown else { throw LambdaError.service("The function was not stored.") }
            return request.answer(
                service.configurationJSON(record, shown, qualifier: nil, .pending), status: 201)
        }
    }

    @EventLoop private static func refuseTwin(_ name: String, _ service: LambdaService) throws(AWSError) {
        guard service.declared[name] == nil, service.catalogue.functions[name] == nil else {
            throw LambdaError.conflict("Function already exist: \(name)")
        }
    }

    /// The request, checked as far as that needs no knowledge of other functions.
    private struct Plan {
        /// Of a function whose name is given alone.
        private static let longestName = 64

        let name: String
        let input: FunctionInput
        let code: CodeIntake.Wish
        let tags: [(String, String)]
        let publishes: Bool

        init(_ document: DocumentReader, _ request: LambdaRequest) throws(AWSError) {
            var checks = ShapeChecks()
            input = try FunctionInput(document, &checks)
            if input.role == nil { checks.missing("role") }
            let code = try document.structure("Code")
            if code == nil { checks.missing("code") }
            let source = try code.map { reader throws(AWSError) in
                try CodeInput(reader, at: "code.", &checks)
            }
            if let type = try document.string("PackageType") {
                checks.choice(type, at: "packageType", of: ["Zip", "Image"])
            }
            tags = try document.map("Tags") ?? []
            publishes = try document.boolean("Publish") ?? false
            guard let text = try document.string("FunctionName") else {
                checks.missing("functionName")
                try checks.finish()
                throw LambdaError.unknownOperation
            }
            if FunctionReference(text)?.name == text, text.utf8.count > Self.longestName {
                try checks.finish()
                throw LambdaError.invalidParameter(
                    "1 validation error detected: Value '\(text)' at 'functionName' failed to satisfy constraint: "
                        + "Member must have length less than or equal to \(Self.longestName)")
            }
            let target = try FunctionTarget(text, checks: checks, request.context)
            guard target.qualifier == nil else {
                var checks = ShapeChecks()
                checks.pattern(text, at: "functionName", FunctionTarget.Shape.plain.pattern, fits: false)
                try checks.finish()
                throw LambdaError.unknownOperation
            }
            if try document.string("PackageType") == "Image" {
                throw LambdaError.invalidParameter(
                    "Functions from container images are not supported by this emulator.")
            }
            name = target.name
            guard let source else { throw LambdaError.unknownOperation }
            self.code = try source.required()
        }
    }
}
