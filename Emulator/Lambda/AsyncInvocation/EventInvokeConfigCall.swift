import AWSProtocol
import Bytes
import HTTPTypes
import JSON
import Net
import Store

/// What the operations on such configurations have in common.
struct EventInvokeConfigCall {
    let function: String
    /// `$LATEST` when none was given.
    let qualifier: String
    let hasQualifier: Bool
    let request: LambdaRequest
    /// With the qualifier.
    let arn: String

    @EventLoop init(_ request: LambdaRequest, _ service: LambdaService) throws(AWSError) {
        let target = try FunctionTarget(request)
        function = target.name
        qualifier = target.qualifier ?? VersionRecord.latest
        hasQualifier = target.qualifier != nil
        self.request = request
        arn = service.arn(function, qualifier)
    }

    /// - Throws: `ResourceNotFoundException` when there is no such function.
    @EventLoop func checkFunction(_ service: LambdaService) throws(AWSError) {
        guard service.canInvoke(function, hasQualifier ? qualifier : nil) else {
            throw LambdaError.notFound("The function doesn't exist.")
        }
    }

    var noConfig: AWSError {
        LambdaError.notFound("The function \(arn) doesn't have an EventInvokeConfig")
    }
}

/// The settings that PutFunctionEventInvokeConfig and UpdateFunctionEventInvokeConfig take.
struct EventInvokeSettings {
    var maximumRetries: Int?
    var maximumAgeSeconds: Int?
    var onSuccess: String?
    var onFailure: String?
    /// Whether destinations were given at all.
    var hasDestinations: Bool

    @EventLoop init(_ call: EventInvokeConfigCall, _ service: LambdaService) async throws(AWSError) {
        let document = LambdaDocument(try await call.request.document())
        maximumRetries = try document.integer("MaximumRetryAttempts", 0...EventInvokeConfig.mostRetries)
        maximumAgeSeconds = try document.integer(
            "MaximumEventAgeInSeconds", 60...EventInvokeConfig.longestAgeSeconds)
        let destinations = try document.object("DestinationConfig")
        hasDestinations = destinations != nil
        guard maximumRetries != nil || maximumAgeSeconds != nil || hasDestinations else {
            throw LambdaError.invalidParameter(
                "You must specify at least one of error handling or destination setting.")
        }
        try call.checkFunction(service)
        onSuccess = Self.destination(destinations, "OnSuccess")
        onFailure = Self.destination(destinations, "OnFailure")
        if let onFailure {
            try await service.check(
                destination: onFailure, of: call.function, isSuccess: false, member: "onFailure")
        }
        if let onSuccess {
            try await service.check(
                destination: onSuccess, of: call.function, isSuccess: true, member: "onSuccess")
        }
    }

    private static func destination(_ object: JSONObject?, _ name: String) -> String? {
        guard let arn = object?[name]?["Destination"]?.string, !arn.isEmpty else { return nil }
        return arn
    }
}

extension LambdaService {
    /// Changes what is configured for a function while it is there: a deletion comes before, or takes this along.
    func commit<R: Sendable>(
        _ call: EventInvokeConfigCall, _ body: @escaping @Sendable (Transaction) throws -> R
    ) async throws(AWSError) -> R {
        await catalogue.lock(call.function)
        defer { catalogue.unlock(call.function) }
        try call.checkFunction(self)
        return try await commit(body)
    }
}
