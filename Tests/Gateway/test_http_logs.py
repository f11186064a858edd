"""HTTP API: access logs."""

import json

import pytest
from running import until

from .conftest import whole_lines

VARIABLES = [
    "accountId", "apiId", "authorizer.error", "authorizer.principalId", "authorizer.color", "awsEndpointRequestId",
    "customDomain.basePathMatched", "dataProcessed", "domainName", "domainPrefix", "error.message",
    "error.responseType", "extendedRequestId", "httpMethod", "identity.accountId", "identity.caller",
    "identity.sourceIp", "identity.user", "identity.userAgent", "identity.userArn", "integration.error",
    "integration.integrationStatus", "integration.latency", "integration.status", "integrationErrorMessage",
    "integrationLatency", "integrationStatus", "path", "protocol", "requestId", "requestTime", "requestTimeEpoch",
    "responseLatency", "responseLength", "routeKey", "stage", "status"]
FORMAT = "{" + ",".join(f'"{name}":"$context.{name}"' for name in VARIABLES) + ',"text":$context.error.messageString}'
COMMON = (
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" '
    "$context.status $context.responseLength $context.requestId.")


@pytest.fixture(scope="module")
def gateway(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    judge = {"type": "lambda", "function": "judge", "identitySource": ["$request.header.Authorization"]}
    gateway = start(httpApi={
        "authorizers": {"judge": {**judge, "enableSimpleResponses": True}, "policy": judge},
        "routes": [
            {"route": "ANY /a/{id}", "function": "told"},
            {"route": "GET /guarded", "function": "told", "authorizer": "judge"},
            {"route": "GET /policy", "function": "told", "authorizer": "policy"},
            {"route": "GET /slow", "function": "told", "timeoutMilliseconds": 200},
            {"route": "GET /blocked", "function": "told", "throttling": {"rateLimit": 0, "burstLimit": 0}}],
        "accessLog": {"format": FORMAT},
        "stages": {"$default": {}, "common": {"accessLog": {"format": COMMON, "file": str(folder / "common.log")}}}})
    gateway.common = folder / "common.log"
    return gateway


def entry(gateway, answer):
    """The log's line of an answer, as an object."""
    path = gateway.folder / "data" / "logs" / "access-mumblelocal.log"

    def found():
        for line in whole_lines(path):
            value = json.loads(line.replace('"text":-}', '"text":null}'))
            if value["requestId"] == answer.headers["apigw-requestid"]:
                return value
        return None

    return until(found, "the request's line in the log", 30)


def test_a_request_that_succeeds(gateway):
    answer = gateway.send(
        "POST", "/a/7?x=y", {"User-Agent": "agent"}, body="12345", tell={"answer": {"statusCode": 201, "body": "123"}})
    line = entry(gateway, answer)
    assert {name: line[name] for name in (
        "accountId", "apiId", "dataProcessed", "domainName", "domainPrefix", "httpMethod", "identity.sourceIp",
        "identity.userAgent", "integration.integrationStatus", "integration.status", "integrationStatus", "path",
        "protocol", "responseLength", "routeKey", "stage", "status", "extendedRequestId")} == {
            "accountId": "000000000000", "apiId": "mumblelocal", "dataProcessed": "8", "domainName": "127.0.0.1",
            "domainPrefix": "127", "httpMethod": "POST", "identity.sourceIp": "127.0.0.1", "identity.userAgent": "agent",
            "integration.integrationStatus": "200", "integration.status": "201", "integrationStatus": "200",
            "path": "/a/7", "protocol": "HTTP/1.1", "responseLength": "3", "routeKey": "ANY /a/{id}",
            "stage": "$default", "status": "201", "extendedRequestId": answer.headers["apigw-requestid"]}
    assert line["requestTimeEpoch"].isdigit() and line["requestTime"].endswith(" +0000")
    assert all(line[name].isdigit() for name in ("responseLatency", "integrationLatency", "integration.latency"))


@pytest.mark.parametrize("name", [
    "authorizer.error", "authorizer.principalId", "awsEndpointRequestId", "customDomain.basePathMatched",
    "error.message", "error.responseType", "identity.accountId", "identity.caller", "identity.user",
    "identity.userArn", "integration.error", "integrationErrorMessage"])
def test_what_has_no_value_is_a_hyphen(gateway, name):
    assert entry(gateway, gateway.send("GET", "/a/1"))[name] == "-"


@pytest.mark.parametrize("path,headers,tell,status,message,kind", [
    ("/nothing", {}, None, "404", "Not Found", "ROUTE_NOT_FOUND"),
    ("/guarded", {}, None, "401", "Unauthorized", "UNAUTHORIZED"),
    ("/blocked", {}, None, "429", "Too Many Requests", "THROTTLED"),
    ("/slow", {}, {"sleep": 10}, "503", "Service Unavailable", "INTEGRATION_TIMEOUT"),
    ("/a/1", {}, {"error": "broken"}, "500", "Internal Server Error", "INTEGRATION_FAILURE")])
def test_a_refusal_says_why(gateway, path, headers, tell, status, message, kind):
    line = entry(gateway, gateway.send("GET", path, headers, tell=tell))
    assert (line["status"], line["error.message"], line["error.responseType"]) == (status, message, kind)
    assert line["text"] == message


def test_a_functions_error_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/a/1", tell={"error": "it broke"}))
    assert "it broke" in line["integration.error"] and line["integration.error"] == line["integrationErrorMessage"]


def test_a_wrong_answer_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/a/1", tell={"raw": "no json"}))
    assert line["integrationErrorMessage"] == (
        "The response from the Lambda function doesn't match the format that API Gateway expects.")


def test_the_authorizers_context_is_told(gateway):
    line = entry(gateway, gateway.send(
        "GET", "/guarded", {"authorization": "x"}, judge={"simple": True, "context": {"color": "red"}}))
    assert line["authorizer.color"] == "red"
    line = entry(gateway, gateway.send(
        "GET", "/policy", {"authorization": "x"}, judge={"allow": ["*"], "principal": "someone"}))
    assert line["authorizer.principalId"] == "someone"


def test_the_authorizers_error_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/guarded", {"authorization": "x"}, judge={"error": "it broke"}))
    assert line["authorizer.error"] == "it broke" and line["status"] == "500"


def test_a_stage_may_have_a_log_of_its_own(gateway):
    answer = gateway.send("GET", "/common/a/1", tell={"answer": {"statusCode": 200, "body": "1234"}})
    end = f'"GET ANY /a/{{id}} HTTP/1.1" 200 4 {answer.headers["apigw-requestid"]}.'
    line = until(lambda: next((one for one in gateway.common.read_text().splitlines() if one.endswith(end)), None), end, 30)
    assert line.startswith("127.0.0.1 - - [")


@pytest.mark.parametrize("agent", ['a"b', "a\\b", 'a","status":"200'])
def test_a_value_does_not_end_its_quotes(gateway, agent):
    assert entry(gateway, gateway.send("GET", "/a/1", {"User-Agent": agent}))["identity.userAgent"] == agent


def test_a_path_does_not_end_its_line(gateway):
    assert entry(gateway, gateway.send("GET", "/a/x%0d%0ay"))["path"] == "/a/x%0d%0ay"
