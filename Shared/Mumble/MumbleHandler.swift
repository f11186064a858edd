import LambdaEvents
import LambdaRuntime

/// What surrounds every handler's own work: error documents, CORS headers, the log line of a failure.
public enum MumbleHandler {
    /// Runs `work` and encodes what it returns or throws. Never throws itself, so the client always gets a
    /// JSON document with a reason.
    public static func run(
        _ event: HTTPAPIEvent, _ context: LambdaContext, _ dependencies: Dependencies,
        _ work: () throws(HandlerError) -> Answer
    ) -> HTTPAPIResponse {
        let encoder = AnswerEncoder(allowOrigin: dependencies.settings.allowOrigin)
        do {
            return encoder.encode(try work())
        } catch {
            let requestID = requestID(event, context)
            if error.status >= 500 { dependencies.log("\(requestID) \(error)") }
            return encoder.encode(error, requestID: requestID)
        }
    }

    /// The gateway's id, which the client also sees as the header `apigw-requestid`; else the invocation's.
    static func requestID(_ event: HTTPAPIEvent, _ context: LambdaContext) -> String {
        let id = event.requestContext.requestID
        return id.isEmpty ? context.requestID : id
    }
}
