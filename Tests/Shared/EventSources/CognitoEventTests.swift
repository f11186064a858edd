import EventSources
import JSON
import LambdaEvents
import Testing

/// The parameters of the Cognito developer guide ("Lambda triggers").
@Suite struct CognitoEventTests {
    private func event(_ source: String, _ request: JSONObject, response: JSONObject = [:]) throws
        -> CognitoEvent
    {
        var whole: JSONObject = [
            "userAttributes": ["email": "ada@example.com"], "clientMetadata": ["a": "b"],
        ]
        for (name, value) in request { whole[name] = value }
        return try CognitoEvent(
            json: [
                "version": "1", "triggerSource": .string(source), "region": "us-east-1",
                "userPoolId": "us-east-1_aaa", "userName": "ada",
                "callerContext": ["awsSdkVersion": "1", "clientId": "client"], "request": .object(whole),
                "response": .object(response),
            ])
    }

    @Test func whatAllTriggersHaveInCommon() throws {
        let event = try event("PostConfirmation_ConfirmSignUp", [:])
        #expect(event.version == "1" && event.triggerSource == "PostConfirmation_ConfirmSignUp")
        #expect(event.region == "us-east-1" && event.userPoolID == "us-east-1_aaa")
        #expect(event.userName == "ada" && event.clientID == "client")
        guard case .postConfirmation(let user) = event.request else {
            Issue.record("\(event.request)")
            return
        }
        #expect(user.attributes == ["email": "ada@example.com"] && user.clientMetadata == ["a": "b"])
    }

    @Test func theAnswerIsTheEventWithItsResponse() throws {
        let event = try event(
            "PreSignUp_SignUp", [:], response: ["autoConfirmUser": false, "autoVerifyEmail": false])
        let answer = event.answer(["autoConfirmUser": true])
        #expect(answer["response"] == ["autoConfirmUser": true, "autoVerifyEmail": false])
        #expect(answer["triggerSource"] == "PreSignUp_SignUp" && answer["request"] != nil)
    }

    @Test(arguments: ["PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"])
    func beforeSignUp(source: String) throws {
        guard case .preSignUp(_, ["k": "v"]) = try event(source, ["validationData": ["k": "v"]]).request
        else {
            Issue.record("\(source)")
            return
        }
    }

    @Test func beforeTokens() throws {
        let request: JSONObject = [
            "groupConfiguration": [
                "groupsToOverride": ["g"], "iamRolesToOverride": ["r"], "preferredRole": "r",
            ], "scopes": ["s"],
        ]
        let event = try event("TokenGeneration_RefreshTokens", request)
        guard case .preTokenGeneration(_, let groups, ["s"]) = event.request else {
            Issue.record("\(event.request)")
            return
        }
        #expect(groups.groups == ["g"] && groups.roleARNs == ["r"] && groups.preferredRole == "r")
    }

    @Test func aMessageHasPlaceholders() throws {
        let event = try event(
            "CustomMessage_ForgotPassword", ["codeParameter": "{####}", "usernameParameter": nil])
        guard case .customMessage(_, let message) = event.request else {
            Issue.record("\(event.request)")
            return
        }
        #expect(message.codeParameter == "{####}" && message.usernameParameter == nil)
    }

    @Test func challengesTellWhatWasAskedBefore() throws {
        let session: JSONValue = [
            ["challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": nil],
            ["challengeName": "CUSTOM_CHALLENGE", "challengeResult": false, "challengeMetadata": "m"],
        ]
        let event = try event(
            "CreateAuthChallenge_Authentication", ["session": session, "challengeName": "CUSTOM_CHALLENGE"])
        guard case .createAuthChallenge(_, let challenges, "CUSTOM_CHALLENGE", false) = event.request else {
            Issue.record("\(event.request)")
            return
        }
        #expect(challenges.map(\.passed) == [true, false] && challenges[1].metadata == "m")
    }

    @Test func otherTriggers() throws {
        guard
            case .preAuthentication(_, _, true) = try event(
                "PreAuthentication_Authentication", ["userNotFound": true]
            ).request,
            case .postAuthentication(_, true) = try event(
                "PostAuthentication_Authentication", ["newDeviceUsed": true]
            ).request,
            case .userMigration("p", _) = try event("UserMigration_Authentication", ["password": "p"]).request,
            case .defineAuthChallenge(_, _, false) = try event("DefineAuthChallenge_Authentication", [:])
                .request,
            case .verifyAuthChallenge(_, "1", ["x": "y"], false) = try event(
                "VerifyAuthChallengeResponse_Authentication",
                ["challengeAnswer": "1", "privateChallengeParameters": ["x": "y"]]
            ).request,
            case .customSender(_, _, "c") = try event("CustomSMSSender_SignUp", ["code": "c"]).request
        else {
            Issue.record("a trigger is read as another one")
            return
        }
    }

    @Test func aTriggerWithoutACaseKeepsItsRequest() throws {
        let event = try event("InboundFederation_ExternalProvider", ["providerName": "Example"])
        guard case .other(let request) = event.request else {
            Issue.record("\(event.request)")
            return
        }
        #expect(request["providerName"]?.string == "Example")
        #expect(event.triggerSource == "InboundFederation_ExternalProvider")
    }
}
