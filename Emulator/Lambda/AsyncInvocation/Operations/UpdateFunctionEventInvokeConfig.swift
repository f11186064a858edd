import AWSProtocol
import JSON

extension LambdaService {
    /// UpdateFunctionEventInvokeConfig (AWS Lambda API Reference): changes the settings that are given.
    func updateFunctionEventInvokeConfig(_ call: EventInvokeConfigCall) async throws(AWSError) -> JSONObject {
        let settings = try await EventInvokeSettings(call, self)
        let (name, qualifier, now) = (call.function, call.qualifier, clock.now)
        let config = try await commit(call) { transaction -> EventInvokeConfig? in
            guard var config = try EventInvokeConfig.read(name, qualifier, transaction) else { return nil }
            config.maximumRetries = settings.maximumRetries ?? config.maximumRetries
            config.maximumAgeSeconds = settings.maximumAgeSeconds ?? config.maximumAgeSeconds
            if settings.hasDestinations {
                config.onSuccess = settings.onSuccess
                config.onFailure = settings.onFailure
            }
            config.modified = now
            config.write(in: transaction)
            return config
        }
        guard let config else { throw call.noConfig }
        return config.json(functionARN: configuration.functionARN(config.function))
    }
}
