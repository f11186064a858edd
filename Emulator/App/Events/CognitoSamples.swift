import EventSources
import JSON
import LambdaEvents

/// Triggers of Cognito user pools.
enum CognitoSamples {
    static let all: [EventSample] = [
        sample(
            "pre-sign-up", "A user signs up", "PreSignUp_SignUp",
            request: #""validationData": { "invitation": "1234" }, "clientMetadata": {}"#,
            response: #""autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false"#),
        sample(
            "pre-sign-up-admin", "An administrator makes a user", "PreSignUp_AdminCreateUser",
            request: #""validationData": null"#,
            response: #""autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false"#),
        sample(
            "post-confirmation", "A user has confirmed the account", "PostConfirmation_ConfirmSignUp",
            request: #""clientMetadata": {}"#),
        sample(
            "pre-authentication", "A user is about to sign in", "PreAuthentication_Authentication",
            request: #""validationData": {}, "userNotFound": false"#),
        sample(
            "post-authentication", "A user has signed in", "PostAuthentication_Authentication",
            request: #""newDeviceUsed": false, "clientMetadata": {}"#),
        sample(
            "pre-token-generation", "Tokens are about to be issued", "TokenGeneration_Authentication",
            request: groups, response: #""claimsOverrideDetails": null"#),
        sample(
            "pre-token-generation-v2", "As before; the access token may be changed, too",
            "TokenGeneration_Authentication", version: "2",
            request: groups + #", "scopes": [ "aws.cognito.signin.user.admin" ]"#,
            response: #""claimsAndScopeOverrideDetails": null"#),
        sample(
            "custom-message", "A message with a code is about to be sent", "CustomMessage_SignUp",
            request: ##""codeParameter": "{####}", "linkParameter": "{##Click Here##}", "##
                + #""usernameParameter": null, "clientMetadata": {}"#,
            response: #""smsMessage": null, "emailMessage": null, "emailSubject": null"#),
        sample(
            "user-migration", "An unknown user signs in", "UserMigration_Authentication", attributes: "",
            request: #""password": "a password", "validationData": {}, "clientMetadata": {}"#,
            response: #""userAttributes": null, "finalUserStatus": null, "messageAction": null"#),
        sample(
            "define-auth-challenge", "What is the user to be asked next?",
            "DefineAuthChallenge_Authentication",
            request: #""session": [ \#(challenge) ], "userNotFound": false"#,
            response: #""challengeName": null, "issueTokens": null, "failAuthentication": null"#),
        sample(
            "create-auth-challenge", "A challenge of one's own is to be made",
            "CreateAuthChallenge_Authentication",
            request: #""challengeName": "CUSTOM_CHALLENGE", "session": [ \#(challenge) ]"#,
            response: #""publicChallengeParameters": null, "privateChallengeParameters": null"#),
        sample(
            "verify-auth-challenge", "A user has answered a challenge",
            "VerifyAuthChallengeResponse_Authentication",
            request: #""privateChallengeParameters": { "answer": "42" }, "challengeAnswer": "42""#,
            response: #""answerCorrect": null"#),
        sample(
            "custom-email-sender", "A mail is to be sent by the function", "CustomEmailSender_SignUp",
            request: #""type": "customEmailSenderRequestV1", "code": "AYADeEXAMPLE", "clientMetadata": {}"#),
    ]

    private static let groups = """
        "groupConfiguration": {
            "groupsToOverride": [ "readers" ],
            "iamRolesToOverride": [ "arn:aws:iam::${account}:role/reader" ],
            "preferredRole": "arn:aws:iam::${account}:role/reader" },
        "clientMetadata": {}
        """
    private static let attributes = """
        "userAttributes": {
            "sub": "${uuid}", "cognito:user_status": "CONFIRMED", "email": "ada@example.com",
            "email_verified": "true" },
        """
    private static let challenge = """
        { "challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": null }
        """

    private static func sample(
        _ kind: String, _ summary: String, _ source: String, version: String = "1",
        attributes: String = attributes, request: String, response: String = ""
    ) -> EventSample {
        EventSample(
            "cognito", kind, summary,
            """
            { "version": "\(version)", "triggerSource": "\(source)", "region": "${region}",
              "userPoolId": "${region}_EXAMPLE00", "userName": "ada",
              "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "1example23456789" },
              "request": { \(attributes) \(request) },
              "response": { \(response) } }
            """
        ) { json throws(EventDecodingError) in _ = try CognitoEvent(json: json) }
    }
}
