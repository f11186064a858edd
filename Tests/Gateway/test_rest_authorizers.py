"""REST API: Lambda authorizers, TOKEN and REQUEST."""

import json

import pytest

from .conftest import told


@pytest.fixture(scope="module")
def gateway(start):
    def route(key, authorizer, **more):
        return {"route": key, "function": "told", "authorizer": authorizer, **more}

    return start(restApi={
        "stages": {"prod": {}},
        "apiKeySource": "AUTHORIZER",
        "apiKeys": [{"name": "one", "value": "the-key-of-one-0123456789"}],
        "usagePlans": [{"name": "plan", "apiKeys": ["one"]}],
        "authorizers": {
            "token": {"type": "TOKEN", "function": "judge", "authorizerResultTtlInSeconds": 0},
            "kept": {"type": "TOKEN", "function": "judge"},
            "shaped": {
                "type": "TOKEN", "function": "judge", "identityValidationExpression": "^ey.*$",
                "identitySource": "method.request.header.X-Token", "authorizerResultTtlInSeconds": 0},
            "request": {
                "type": "REQUEST", "function": "judge", "authorizerResultTtlInSeconds": 0,
                "identitySource": ["method.request.header.judge", "method.request.querystring.who"]}},
        "routes": [
            route("GET /token", "token"), route("POST /token", "token"), route("GET /kept", "kept"),
            route("GET /kept2", "kept"), route("GET /shaped", "shaped"), route("GET /request/{id}", "request"),
            route("GET /metered", "token", apiKeyRequired=True)]})


def token(gateway, judge, path="/prod/token", name="Authorization"):
    return gateway.send("GET", path, {name: told(judge)})


@pytest.mark.parametrize("path,headers", [
    ("/prod/token", {}), ("/prod/token", {"Authorization": ""}), ("/prod/shaped", {"X-Token": "abc"}),
    ("/prod/request/1?who=me", {}), ("/prod/request/1", {"judge": "x"})])
def test_without_a_proper_identity_a_caller_is_unauthorized(gateway, path, headers):
    answer = gateway.send("GET", path, headers)
    assert answer.message == (401, "Unauthorized")
    assert answer.headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_a_policy_lets_a_caller_pass_with_its_context_as_text(gateway):
    judge = {"allow": ["self"], "principal": "ada", "context": {"number": 7, "flag": True, "text": "x"}}
    authorizer = token(gateway, judge).event["requestContext"]["authorizer"]
    assert authorizer["principalId"] == "ada"
    assert (authorizer["number"], authorizer["flag"], authorizer["text"]) == ("7", "true", "x")
    assert isinstance(authorizer["integrationLatency"], int)


@pytest.mark.parametrize("judge,message", [
    ({"deny": ["self"]}, "User is not authorized to access this resource with an explicit deny"),
    ({"allow": ["*"], "deny": ["self"]}, "User is not authorized to access this resource with an explicit deny"),
    ({"allow": ["arn:aws:execute-api:*:*:*/other/*"]}, "User is not authorized to access this resource")])
def test_a_refused_caller_is_told_so_with_a_capital_m(gateway, judge, message):
    answer = token(gateway, judge)
    assert (answer.status, answer.json) == (403, {"Message": message})
    assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_a_function_that_says_unauthorized_is_401(gateway):
    assert token(gateway, {"error": "Unauthorized"}).message == (401, "Unauthorized")


@pytest.mark.parametrize("judge", [
    {"error": "broken"}, {"answer": {}}, {"answer": "yes"}, {"simple": True},
    {"allow": ["self"], "context": {"nested": {"a": 1}}}])
def test_any_other_failure_has_no_message(gateway, judge):
    answer = token(gateway, judge)
    assert (answer.status, answer.json) == (500, {"message": None})
    assert answer.headers["x-amzn-ErrorType"] == "AuthorizerConfigurationException"


def test_a_token_authorizer_gets_the_token_and_the_method(gateway):
    given = json.loads(token(gateway, {"allow": ["self"]}).event["requestContext"]["authorizer"]["event"])
    assert given == {
        "type": "TOKEN", "methodArn": "arn:aws:execute-api:us-east-1:000000000000:mumblerest/prod/GET/token",
        "authorizationToken": told({"allow": ["self"]})}


def test_a_request_authorizer_gets_the_request(gateway):
    answer = gateway.send("GET", "/prod/request/7?who=me", {"judge": told({"allow": ["self"]})})
    given = json.loads(answer.event["requestContext"]["authorizer"]["event"])
    assert given["type"] == "REQUEST"
    assert given["methodArn"] == "arn:aws:execute-api:us-east-1:000000000000:mumblerest/prod/GET/request/7"
    assert given["resource"] == "/request/{id}" and given["pathParameters"] == {"id": "7"}
    assert given["queryStringParameters"] == {"who": "me"} and given["stageVariables"] == {}
    assert given["requestContext"]["stage"] == "prod" and "body" not in given


def test_an_answer_is_kept_for_the_token(gateway):
    judge = {"allow": ["*"], "context": {"mark": "kept"}}
    counts = [
        token(gateway, judge, "/prod/kept").event["requestContext"]["authorizer"]["count"] for _ in range(3)]
    assert len(set(counts)) == 1


def test_a_kept_policy_is_held_against_each_method(gateway):
    judge = {"allow": ["self"], "context": {"mark": "one method"}}
    assert token(gateway, judge, "/prod/kept").status == 200
    assert token(gateway, judge, "/prod/kept2").status == 403


def test_a_key_comes_from_the_authorizer(gateway):
    judge = {"allow": ["self"], "more": {"usageIdentifierKey": "the-key-of-one-0123456789"}}
    assert token(gateway, judge, "/prod/metered").event["requestContext"]["identity"]["apiKeyId"] == "one"
    assert token(gateway, {"allow": ["self"]}, "/prod/metered").message == (403, "Forbidden")


def test_flush_stage_authorizers_cache_has_the_function_asked_again(gateway):
    judge = {"allow": ["*"], "context": {"mark": "flushed"}}
    first = token(gateway, judge, "/prod/kept").event["requestContext"]["authorizer"]["count"]
    gateway.emulator.client("apigateway").flush_stage_authorizers_cache(restApiId="mumblerest", stageName="prod")
    assert token(gateway, judge, "/prod/kept").event["requestContext"]["authorizer"]["count"] != first
