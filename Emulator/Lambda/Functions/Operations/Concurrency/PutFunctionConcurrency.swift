import AWSProtocol
import HTTPTypes
import JSON
import Net

/// PUT /2017-10-31/functions/{FunctionName}/concurrency
enum PutFunctionConcurrency {
    @EventLoop static func run(
        _ service: LambdaService, _ request: LambdaRequest
    ) async throws(AWSError) -> HTTPResponse {
        let document = DocumentReader(try await request.document())
        var checks = ShapeChecks()
        let wanted = try document.integer("ReservedConcurrentExecutions")
        if let wanted {
            if wanted < 0 { checks.value(wanted, at: "reservedConcurrentExecutions", in: 0...Int.max) }
        } else {
            checks.missing("reservedConcurrentExecutions")
        }
        let target = try FunctionTarget(request.path("FunctionName"), checks: checks, request.context)
        try FunctionConcurrencyTarget.refuseQualifier(target)
        guard let wanted else { throw LambdaError.unknownOperation }

        try await service.change(target.name) { (record) throws(AWSError) in
            let left = service.unreservedConcurrency(without: target.name) - wanted
            // Less than before is always welcome: functions of a manifest may have taken more than there is.
            guard
                left >= AccountConcurrency.minimumUnreserved
                    || wanted <= service.reservedConcurrency(of: target.name) ?? 0
            else {
                throw LambdaError.invalidParameter(
                    "Specified ReservedConcurrentExecutions for function decreases account's "
                        + "UnreservedConcurrentExecution below its minimum value of "
                        + "[\(AccountConcurrency.minimumUnreserved)].")
            }
            let provisioned = record.provisioned.values.reduce(0) { $0 + $1.count }
            guard provisioned <= wanted else {
                throw LambdaError.invalidParameter(
                    " ReservedConcurrentExecutions  \(wanted) should not be lower than function's total provisioned "
                        + "concurrency [\(provisioned)].")
            }
            record.reserved = wanted
        }
        return request.answer(["ReservedConcurrentExecutions": .number(JSONNumber(wanted))])
    }
}

enum FunctionConcurrencyTarget {
    static func refuseQualifier(_ target: FunctionTarget) throws(AWSError) {
        guard target.qualifier == nil else {
            throw LambdaError.invalidParameter(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
                    + "operation. Please specify either a function name or an unqualified function ARN.")
        }
    }
}
