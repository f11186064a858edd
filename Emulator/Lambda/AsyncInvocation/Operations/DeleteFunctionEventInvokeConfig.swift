import AWSProtocol

extension LambdaService {
    /// DeleteFunctionEventInvokeConfig (AWS Lambda API Reference).
    func deleteFunctionEventInvokeConfig(_ call: EventInvokeConfigCall) async throws(AWSError) {
        let key = QueueKeys.invokeConfig(call.function, call.qualifier)
        let wasThere = try await commit { transaction in
            guard try transaction.get(.functions, key) != nil else { return false }
            transaction.delete(.functions, key)
            return true
        }
        guard wasThere else { throw call.noConfig }
    }
}
