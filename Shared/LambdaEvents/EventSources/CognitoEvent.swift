import JSON
import LambdaEvents

/// The event of a user pool's trigger; every trigger answers with the event and its `response` filled in.
///
/// Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
public struct CognitoEvent: Sendable {
    /// `1`; pre token generation has `2` and `3` too.
    public let version: String
    /// The trigger and its reason, such as `PreSignUp_AdminCreateUser`.
    public let triggerSource: String
    public let region: String
    public let userPoolID: String
    /// Empty where there is no user: tokens for client credentials.
    public let userName: String
    public let clientID: String
    public let request: CognitoRequest
    /// Members of the response as they came: what the pool does unless they are changed.
    public let response: JSONObject
    private let event: JSONObject

    public init(json: JSONValue) throws(EventDecodingError) {
        let event = try FieldDecoder(json)
        triggerSource = try event.requiredString("triggerSource")
        version = try event.string("version") ?? "1"
        region = try event.string("region") ?? ""
        userPoolID = try event.requiredString("userPoolId")
        userName = try event.string("userName") ?? ""
        clientID = try event.optional("callerContext")?.string("clientId") ?? ""
        request = try CognitoRequest(event.nested("request"), source: triggerSource)
        response = try event.optional("response")?.members ?? JSONObject()
        self.event = event.members
    }

    /// What the function returns: the event, with these members in its response.
    public func answer(_ changes: JSONObject) -> JSONValue {
        var answer = event
        var response = self.response
        for (name, value) in changes { response[name] = value }
        answer["response"] = .object(response)
        return .object(answer)
    }
}
