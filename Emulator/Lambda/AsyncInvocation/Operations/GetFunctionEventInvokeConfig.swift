import AWSProtocol
import JSON

extension LambdaService {
    /// GetFunctionEventInvokeConfig (AWS Lambda API Reference).
    func getFunctionEventInvokeConfig(_ call: EventInvokeConfigCall) throws(AWSError) -> JSONObject {
        let config = try readState { try EventInvokeConfig.read(call.function, call.qualifier, $0) }
        guard let config, (try? call.checkFunction(self)) != nil else { throw call.noConfig }
        return config.json(functionARN: configuration.functionARN(config.function))
    }
}
