import AWSProtocol
import JSON

extension LambdaService {
    /// ListFunctionEventInvokeConfigs (AWS Lambda API Reference): those of a function, its versions and aliases.
    func listFunctionEventInvokeConfigs(_ call: EventInvokeConfigCall) throws(AWSError) -> JSONObject {
        try call.checkFunction(self)
        let page = try LambdaPage(call.request, largest: 50)
        let all = try readState { try EventInvokeConfig.all(call.function, $0) }
        let rest = all.filter { $0.qualifier > page.marker }
        let arn = configuration.functionARN(call.function)
        var answer: JSONObject = [
            "FunctionEventInvokeConfigs": .array(
                rest.prefix(page.limit).map { .object($0.json(functionARN: arn)) })
        ]
        if rest.count > page.limit { answer.append("NextMarker", .string(rest[page.limit - 1].qualifier)) }
        return answer
    }
}
