"""REST API: access logs."""

import json

import pytest
from running import until

from .backend import Backend, unused_url
from .conftest import whole_lines

VARIABLES = [
    "accountId", "apiId", "authorizer.color", "authorizer.error", "authorizer.integrationStatus", "authorizer.latency",
    "authorizer.principalId", "authorizer.status", "authorize.error", "authorize.status", "awsEndpointRequestId",
    "deploymentId", "domainName", "domainPrefix", "error.message", "error.responseType", "error.validationErrorString",
    "extendedRequestId", "httpMethod", "identity.apiKey", "identity.apiKeyId", "identity.caller", "identity.sourceIp",
    "identity.userAgent", "identity.userArn", "integration.error", "integration.integrationStatus", "integration.latency",
    "integration.requestId", "integration.status", "integrationErrorMessage", "integrationLatency", "integrationStatus",
    "isCanaryRequest", "path", "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath",
    "responseLatency", "responseLength", "stage", "status", "waf.error", "xrayTraceId"]
FORMAT = "{" + ",".join(f'"{name}":"$context.{name}"' for name in VARIABLES) + ',"text":$context.error.messageString}'
KEY = "a-key-of-twenty-characters"


@pytest.fixture(scope="module")
def backend():
    backend = Backend((202, {}, "made"))
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def gateway(start, backend, tmp_path_factory):
    plain = tmp_path_factory.mktemp("logs") / "plain.log"
    gateway = start(restApi={
        "accessLog": {"format": FORMAT},
        "stages": {"prod": {}, "plain": {"accessLog": {"format": "$context.requestId $context.status.", "file": str(plain)}}},
        "authorizers": {"judge": {
            "type": "REQUEST", "function": "judge", "identitySource": ["method.request.header.Authorization"]}},
        "apiKeys": [{"name": "mine", "value": KEY}], "usagePlans": [{"name": "all", "apiKeys": ["mine"]}],
        "models": {"Pet": {"type": "object"}},
        "routes": [
            {"route": "ANY /a/{id}", "function": "told"}, {"route": "GET /proxied", "url": backend.url},
            {"route": "GET /gone", "url": unused_url()},
            {"route": "GET /slow", "function": "told", "timeoutMilliseconds": 200},
            {"route": "GET /guarded", "function": "told", "authorizer": "judge"},
            {"route": "GET /keyed", "function": "told", "apiKeyRequired": True},
            {"route": "GET /mapped", "integration": {
                "type": "HTTP", "uri": backend.url, "integrationResponses": [{"statusCode": 200}]}},
            {"route": "POST /pets", "function": "told", "requestModels": {"application/json": "Pet"},
             "requestValidator": {"validateRequestBody": True}}]})
    gateway.plain = plain
    return gateway


def entry(gateway, answer):
    """The log's line of an answer, as an object."""
    path = gateway.folder / "data" / "logs" / "access-mumblerest.log"

    def found():
        for line in whole_lines(path):
            value = json.loads(line.replace('"text":-}', '"text":null}'))
            if value["requestId"] == answer.headers["x-amzn-RequestId"]:
                return value
        return None

    return until(found, "the request's line in the log", 30)


def test_a_request_that_succeeds(gateway):
    answer = gateway.send(
        "POST", "/prod/a/7?x=y", {"User-Agent": "agent"}, tell={"answer": {"statusCode": 201, "body": "123"}})
    line = entry(gateway, answer)
    assert {name: line[name] for name in (
        "accountId", "apiId", "domainName", "httpMethod", "identity.sourceIp", "identity.userAgent",
        "integration.integrationStatus", "integration.status", "integrationStatus", "isCanaryRequest", "path", "protocol",
        "resourcePath", "responseLength", "stage", "status", "extendedRequestId")} == {
            "accountId": "000000000000", "apiId": "mumblerest", "domainName": "127.0.0.1", "httpMethod": "POST",
            "identity.sourceIp": "127.0.0.1", "identity.userAgent": "agent", "integration.integrationStatus": "200",
            "integration.status": "201", "integrationStatus": "200", "isCanaryRequest": "false", "path": "/prod/a/7",
            "protocol": "HTTP/1.1", "resourcePath": "/a/{id}", "responseLength": "3", "stage": "prod", "status": "201",
            "extendedRequestId": answer.headers["x-amz-apigw-id"]}
    assert line["requestTimeEpoch"].isdigit() and line["requestTime"].endswith(" +0000")
    assert all(line[name].isdigit() for name in ("responseLatency", "integrationLatency", "integration.latency"))
    assert line["xrayTraceId"] == answer.headers["X-Amzn-Trace-Id"]


@pytest.mark.parametrize("name", [
    "authorizer.error", "authorizer.principalId", "authorizer.status", "awsEndpointRequestId", "error.message",
    "error.responseType", "identity.apiKey", "identity.caller", "identity.userArn", "integration.error",
    "integrationErrorMessage", "waf.error"])
def test_what_has_no_value_is_a_hyphen(gateway, name):
    assert entry(gateway, gateway.send("GET", "/prod/a/1"))[name] == "-"


@pytest.mark.parametrize("path,tell,status,message,kind", [
    ("/nothing", None, "403", "Missing Authentication Token", "MISSING_AUTHENTICATION_TOKEN"),
    ("/guarded", None, "401", "Unauthorized", "UNAUTHORIZED"), ("/keyed", None, "403", "Forbidden", "INVALID_API_KEY"),
    ("/slow", {"sleep": 10}, "504", "Endpoint request timed out", "INTEGRATION_TIMEOUT"),
    ("/a/1", {"error": "broken"}, "502", "Internal server error", "DEFAULT_5XX"),
    ("/gone", None, "500", "Internal server error", "INTEGRATION_FAILURE")])
def test_a_refusal_says_why(gateway, path, tell, status, message, kind):
    line = entry(gateway, gateway.send("GET", "/prod" + path, tell=tell))
    assert (line["status"], line["error.message"], line["error.responseType"]) == (status, message, kind)
    assert line["text"] == message


def test_headers_that_are_too_large_are_told(gateway):
    assert entry(gateway, gateway.send("GET", "/prod/a/1", {"X-Large": "x" * 11_000}))["status"] == "431"


def test_a_body_that_is_not_valid_is_told(gateway):
    line = entry(gateway, gateway.send("POST", "/prod/pets", body="[]"))
    assert "instance type (array)" in line["error.validationErrorString"]


def test_a_functions_error_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/prod/a/1", tell={"error": "it broke"}))
    assert "it broke" in line["integration.error"] and line["integration.error"] == line["integrationErrorMessage"]
    assert line["integration.integrationStatus"] == "200"


@pytest.mark.parametrize("path,status", [("/proxied", "202"), ("/mapped", "200")])
def test_a_backends_status_is_told(gateway, path, status):
    line = entry(gateway, gateway.send("GET", "/prod" + path))
    assert (line["integration.status"], line["integrationStatus"], line["status"]) == ("202", "202", status)


def test_an_authorizer_is_told(gateway):
    headers = {"Authorization": "x"}
    line = entry(gateway, gateway.send(
        "GET", "/prod/guarded", headers, judge={"allow": ["*"], "principal": "someone", "context": {"color": "red"}}))
    assert [line[f"authorizer.{name}"] for name in ("principalId", "color", "status", "integrationStatus", "error")] == [
        "someone", "red", "200", "200", "-"]
    assert line["authorizer.latency"].isdigit()
    line = entry(gateway, gateway.send("GET", "/prod/guarded", {"Authorization": "y"}, judge={"deny": ["*"]}))
    assert (line["authorize.status"], line["status"]) == ("403", "403")


def test_an_authorizers_error_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/prod/guarded", {"Authorization": "z"}, judge={"error": "it broke"}))
    assert (line["authorizer.error"], line["authorizer.status"]) == ("it broke", "500")


def test_an_api_key_is_told(gateway):
    line = entry(gateway, gateway.send("GET", "/prod/keyed", {"x-api-key": KEY}))
    assert (line["identity.apiKey"], line["identity.apiKeyId"]) == (KEY, "mine")


def test_a_stage_may_have_a_log_of_its_own(gateway):
    answer = gateway.send("GET", "/plain/a/1", tell={"answer": {"statusCode": 418}})
    line = f'{answer.headers["x-amzn-RequestId"]} 418.'
    until(lambda: line in gateway.plain.read_text().splitlines(), line, 30)
