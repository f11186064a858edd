"""HTTP API: Lambda authorizers."""

import json

import pytest

ARN = "arn:aws:execute-api:us-east-1:000000000000:mumblelocal/"
HEADER = "$request.header.Authorization"


@pytest.fixture(scope="module")
def gateway(start):
    judge = {"type": "lambda", "function": "judge"}
    simple = {**judge, "enableSimpleResponses": True}
    authorizers = {
        "simple": {**simple, "identitySource": [HEADER]},
        "always": simple,
        "policy": {**judge, "identitySource": HEADER},
        "first": {**judge, "payloadFormat": "1.0", "identitySource": [HEADER]},
        "kept": {**simple, "identitySource": [HEADER], "resultTtlSeconds": 300},
        "short": {**simple, "identitySource": [HEADER], "resultTtlSeconds": 1},
        "keptpolicy": {**judge, "identitySource": [HEADER], "resultTtlSeconds": 300},
        "byroute": {**simple, "identitySource": [HEADER, "$context.routeKey"], "resultTtlSeconds": 300},
        "several": {
            **simple, "identitySource": [HEADER, "$request.querystring.key", "$stageVariables.color"]},
        "none": {**judge, "function": "missing"}}
    routes = [{"route": f"ANY /{name}", "function": "told", "authorizer": name} for name in authorizers if name != "none"]
    routes += [
        {"route": "ANY /kept/two", "function": "told", "authorizer": "kept"},
        {"route": "ANY /keptpolicy/{id}", "function": "told", "authorizer": "keptpolicy"},
        {"route": "ANY /byroute/two", "function": "told", "authorizer": "byroute"},
        {"route": "ANY /one/{id}", "function": "told", "authorizer": "simple", "payloadFormat": "1.0"},
        {"route": "GET /open", "function": "told"}]
    del authorizers["none"]
    return start(httpApi={
        "authorizers": authorizers, "routes": routes,
        "stages": {"$default": {"variables": {"color": "red"}}, "dev": {"variables": {"color": "blue"}}}})


def asked(answer):
    """What the authorizer was called with, and the number of its call."""
    context = answer.event["requestContext"]["authorizer"]["lambda"]
    return json.loads(context["event"]), context["count"]


def test_a_simple_yes_passes_with_the_types_of_its_context(gateway):
    context = {"text": "a", "number": 7, "half": 0.5, "flag": True, "list": [1, "two"], "map": {"a": None}}
    answer = gateway.send(
        "GET", "/simple", {"authorization": "x"}, judge={"simple": True, "context": context})
    given = answer.event["requestContext"]["authorizer"]["lambda"]
    assert {name: given[name] for name in context} == context


def test_a_simple_no_is_forbidden(gateway):
    answer = gateway.send("GET", "/simple", {"authorization": "x"}, judge={"simple": False})
    assert answer.message == (403, "Forbidden") and answer.headers["apigw-requestid"]


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"other": "x"}])
def test_without_an_identity_nobody_is_asked(gateway, headers):
    before = asked(gateway.send("GET", "/always"))[1]
    assert gateway.send("GET", "/simple", headers).message == (401, "Unauthorized")
    assert asked(gateway.send("GET", "/always"))[1] == before + 1


@pytest.mark.parametrize("path,headers,status", [
    ("/several?key=k", {"authorization": "x"}, 200), ("/several", {"authorization": "x"}, 401),
    ("/several?key=", {"authorization": "x"}, 401), ("/several?key=k", {}, 401)])
def test_each_identity_source_has_to_be_there(gateway, path, headers, status):
    assert gateway.send("GET", path, headers).status == status


def test_the_event_of_format_2(gateway):
    answer = gateway.send(
        "POST", "/several?key=k&a=1&a=2", [
            ("Authorization", "secret"), ("X-One", "1"), ("X-One", "2"), ("Cookie", "a=b; c=d"), ("User-Agent", "agent")],
        body="the body")
    event, _ = asked(answer)
    own = answer.event
    assert list(event) == [
        "version", "type", "routeArn", "identitySource", "routeKey", "rawPath", "rawQueryString", "cookies", "headers",
        "queryStringParameters", "requestContext", "stageVariables"]
    assert event["version"] == "2.0" and event["type"] == "REQUEST"
    assert event["routeArn"] == ARN + "$default/POST/several"
    assert event["identitySource"] == ["secret", "k", "red"]
    assert event["routeKey"] == "ANY /several" and event["rawPath"] == "/several"
    assert event["rawQueryString"] == "key=k&a=1&a=2" and event["cookies"] == ["a=b", "c=d"]
    assert event["headers"]["authorization"] == "secret" and event["headers"]["x-one"] == "1,2"
    assert event["queryStringParameters"] == {"key": "k", "a": "1,2"}
    assert event["stageVariables"] == {"color": "red"}
    context = event["requestContext"]
    assert list(context) == [
        "accountId", "apiId", "domainName", "domainPrefix", "http", "requestId", "routeKey", "stage", "time", "timeEpoch"]
    assert context["requestId"] == own["requestContext"]["requestId"] == answer.headers["apigw-requestid"]
    assert context["http"] == own["requestContext"]["http"]


def test_the_event_of_format_1(gateway):
    answer = gateway.send("GET", "/first?q=1&q=2", {"Authorization": "x", "User-Agent": "agent"}, judge={
        "allow": ["*"], "context": {"text": "a", "number": 7, "flag": False}})
    context = answer.event["requestContext"]["authorizer"]["lambda"]
    assert (context["text"], context["number"], context["flag"]) == ("a", 7, False)
    event = json.loads(context["event"])
    assert event["version"] == "1.0" and event["type"] == "REQUEST"
    assert event["methodArn"] == ARN + "$default/GET/first"
    assert event["identitySource"] == event["authorizationToken"] == "x"
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/first", "/first", "GET")
    assert event["headers"]["User-Agent"] == "agent" and event["queryStringParameters"] == {"q": "2"}
    assert event["pathParameters"] == {} and event["stageVariables"] == {"color": "red"}
    assert event["requestContext"]["stage"] == "$default" and event["requestContext"]["apiId"] == "mumblelocal"


def test_the_context_of_format_1_is_strings(gateway):
    answer = gateway.send("GET", "/one/7", {"Authorization": "x"}, judge={
        "simple": True, "context": {"text": "a", "number": 7, "flag": True, "map": {"a": 1}}})
    context = answer.event["requestContext"]["authorizer"]
    assert (context["text"], context["number"], context["flag"], context["map"]) == ("a", "7", "true", '{"a":1}')


@pytest.mark.parametrize("judge,status", [
    ({"allow": ["self"]}, 200),
    ({"allow": ["*"]}, 200),
    ({"allow": ["arn:aws:execute-api:*"]}, 200),
    ({"allow": [ARN + "$default/GET/*"]}, 200),
    ({"allow": [ARN + "$default/GET/polic?"]}, 200),
    ({"allow": [ARN + "*/policy"]}, 200),
    ({"allow": ["arn:aws:execute-api:*:*:*/*/*/policy"]}, 200),
    ({"allow": [ARN + "$default/POST/policy"]}, 403),
    ({"allow": [ARN + "dev/GET/policy"]}, 403),
    ({"allow": [ARN + "$default/GET/polic"]}, 403),
    ({"allow": [ARN + "$default/GET/other", "self"]}, 200),
    ({"allow": ["*"], "deny": ["self"]}, 403),
    ({"allow": ["self"], "deny": ["*"]}, 403),
    ({"allow": ["*"], "deny": [ARN + "$default/GET/other"]}, 200),
    ({"deny": ["*"]}, 403),
    ({"allow": []}, 403),
])
def test_a_policy_is_held_against_the_resource(gateway, judge, status):
    answer = gateway.send("GET", "/policy", {"authorization": "x"}, judge=judge)
    assert answer.status == status
    if status == 403:
        assert answer.message == (403, "Forbidden")


def document(*statements, **more):
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": list(statements)}, **more}


@pytest.mark.parametrize("statement,status", [
    ({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}, 200),
    ({"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}, 200),
    ({"Effect": "Allow", "Action": "EXECUTE-API:invoke", "Resource": "*"}, 200),
    ({"Effect": "Allow", "Action": ["s3:GetObject", "execute-api:Invoke"], "Resource": ["a", "*"]}, 200),
    ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, 403),
    ({"Effect": "Allow", "Action": "execute-api:Invoke", "NotResource": "arn:aws:s3:::x"}, 200),
    ({"Effect": "Allow", "Action": "execute-api:Invoke", "NotResource": "*"}, 403),
])
def test_actions_and_resources_of_a_statement(gateway, statement, status):
    answer = gateway.send("GET", "/policy", {"authorization": "x"}, judge={"answer": document(statement)})
    assert answer.status == status


def test_a_statement_need_not_be_in_a_list(gateway):
    answer = {"principalId": "me", "policyDocument": {
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}}}
    assert gateway.send("GET", "/policy", {"authorization": "x"}, judge={"answer": answer}).status == 200


ALLOW = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}


@pytest.mark.parametrize("path,judge", [
    ("/simple", {"error": "broken"}),
    ("/simple", {"error": "Unauthorized"}),
    ("/simple", {"raw": "not json"}),
    ("/simple", {"answer": None}),
    ("/simple", {"answer": "yes"}),
    ("/simple", {"answer": {}}),
    ("/simple", {"answer": {"isAuthorized": "true"}}),
    ("/simple", {"answer": {"isAuthorized": True, "context": "text"}}),
    ("/policy", {"answer": {"isAuthorized": True}}),
    ("/policy", {"answer": {"principalId": "me"}}),
    ("/policy", {"answer": {"policyDocument": document(ALLOW)["policyDocument"]}}),
    ("/policy", {"answer": document({"Effect": "Perhaps", "Action": "*", "Resource": "*"})}),
    ("/policy", {"answer": document({"Effect": "Allow", "Resource": "*"})}),
    ("/policy", {"answer": document({"Effect": "Allow", "Action": "*"})}),
    ("/policy", {"answer": document({"Effect": "Allow", "Action": 7, "Resource": "*"})}),
    ("/first", {"answer": document(ALLOW, context={"nested": {"a": 1}})}),
    ("/first", {"answer": document(ALLOW, context={"list": [1]})}),
])
def test_an_authorizer_that_fails_is_an_error_of_the_server(gateway, path, judge):
    answer = gateway.send("GET", path, {"authorization": "x"}, judge=judge)
    assert answer.message == (500, "Internal Server Error")


def test_without_a_lifetime_each_request_asks(gateway):
    first = asked(gateway.send("GET", "/simple", {"authorization": "same"}))[1]
    assert asked(gateway.send("GET", "/simple", {"authorization": "same"}))[1] == first + 1


def test_an_answer_is_kept_for_the_identity(gateway):
    first = asked(gateway.send("GET", "/kept", {"authorization": "a"}))[1]
    assert asked(gateway.send("GET", "/kept?other=1", {"authorization": "a", "x": "y"}))[1] == first
    assert asked(gateway.send("POST", "/kept/two", {"authorization": "a"}))[1] == first
    assert asked(gateway.send("GET", "/kept", {"authorization": "b"}))[1] > first


def test_a_kept_answer_is_of_one_stage(gateway):
    first = asked(gateway.send("GET", "/kept", {"authorization": "staged"}))[1]
    assert asked(gateway.send("GET", "/dev/kept", {"authorization": "staged"}))[1] > first


def test_a_refusal_is_kept_too(gateway):
    no = gateway.send("GET", "/kept", {"authorization": "refused"}, judge={"simple": False})
    again = gateway.send("GET", "/kept", {"authorization": "refused"}, judge={"simple": True})
    assert no.status == again.status == 403


def test_reset_authorizers_cache_has_the_function_asked_again(gateway):
    first = asked(gateway.send("GET", "/kept", {"authorization": "reset"}))[1]
    client = gateway.emulator.client("apigatewayv2")
    client.reset_authorizers_cache(ApiId="mumblelocal", StageName="dev")
    assert asked(gateway.send("GET", "/kept", {"authorization": "reset"}))[1] > first
    with pytest.raises(client.exceptions.NotFoundException):
        client.reset_authorizers_cache(ApiId="mumblelocal", StageName="none")


def test_a_failure_is_not_kept(gateway):
    assert gateway.send("GET", "/kept", {"authorization": "failed"}, judge={"error": "x"}).status == 500
    assert gateway.send("GET", "/kept", {"authorization": "failed"}).status == 200


def test_the_route_key_as_a_source_keeps_answers_apart(gateway):
    first = asked(gateway.send("GET", "/byroute", {"authorization": "r"}))[1]
    assert asked(gateway.send("GET", "/byroute", {"authorization": "r"}))[1] == first
    assert asked(gateway.send("GET", "/byroute/two", {"authorization": "r"}))[1] > first


def test_a_kept_policy_is_held_against_each_resource(gateway):
    one = {"allow": [ARN + "$default/GET/keptpolicy/1"]}
    assert gateway.send("GET", "/keptpolicy/1", {"authorization": "p"}, judge=one).status == 200
    assert gateway.send("GET", "/keptpolicy/2", {"authorization": "p"}, judge={"allow": ["*"]}).status == 403
    assert gateway.send("POST", "/keptpolicy/1", {"authorization": "p"}, judge={"allow": ["*"]}).status == 403
    assert gateway.send("GET", "/keptpolicy/1", {"authorization": "p"}).status == 200


def test_a_kept_answer_ends(gateway):
    import time
    first = asked(gateway.send("GET", "/short", {"authorization": "s"}))[1]
    end = time.monotonic() + 30
    while asked(gateway.send("GET", "/short", {"authorization": "s"}))[1] == first:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_an_authorizer_has_ten_seconds(gateway):
    assert gateway.send("GET", "/simple", {"authorization": "x"}, judge={"sleep": 11, "simple": True}).status == 500


def test_a_route_without_an_authorizer_asks_nobody(gateway):
    assert "authorizer" not in gateway.send("GET", "/open").event["requestContext"]
