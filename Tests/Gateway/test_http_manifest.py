"""The manifest's `httpApi`: a mistake stops the start with file, line, what is wrong and how to mend it."""

import json
import subprocess

import pytest
from running import EMULATOR, clean

ROUTE = {"route": "GET /a", "function": "one"}
JWT = {"type": "jwt", "issuer": "http://127.0.0.1:9", "audience": ["a"]}
LAMBDA = {"type": "lambda", "function": "one"}


def complaint(tmp_path, http_api):
    """What `emulator routes` says of a manifest, which it reads as `start` does."""
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"service": "s", "functions": {"one": {}}, "httpApi": http_api}, indent=1))
    done = subprocess.run(
        [EMULATOR, "routes", "--manifest", str(path)], capture_output=True, text=True, env=clean(), timeout=60)
    return done.returncode, done.stderr, path


def line_of(path, field):
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if field in line)


@pytest.mark.parametrize("api,field,words", [
    ({"routes": [{**ROUTE, "fuction": "one"}]}, '"fuction"', "did you mean 'function'"),
    ({"routes": [{"route": "GET /a", "function": "two"}]}, '"function"', "not under 'functions'"),
    ({"routes": [{"route": "GET a", "function": "one"}]}, '"route"', "has to start with '/'"),
    ({"routes": [{"route": "FETCH /a", "function": "one"}]}, '"route"', "is not a route key"),
    ({"routes": [ROUTE, {"route": "GET /b/{x}", "function": "one"}, {"route": "GET /b/{y}", "function": "one"}]},
     "GET /b/{y}", "clashes with 'GET /b/{x}'"),
    ({"routes": [{**ROUTE, "url": "http://a"}]}, '"url"', "drop one"),
    ({"routes": [{"route": "GET /a", "url": "ftp://a"}]}, '"url"', "is not a URL"),
    ({"routes": [{**ROUTE, "payloadFormat": "3.0"}]}, '"payloadFormat"', '"1.0" or "2.0"'),
    ({"routes": [{**ROUTE, "timeoutMilliseconds": 49}]}, '"timeoutMilliseconds"', "from 50 to 30000"),
    ({"routes": [{**ROUTE, "timeoutMilliseconds": 30_001}]}, '"timeoutMilliseconds"', "from 50 to 30000"),
    ({"routes": [{**ROUTE, "throttling": {"rateLimit": 1}}]}, '"throttling"', "lacks the field 'burstLimit'"),
    ({"routes": [{**ROUTE, "throttling": {"rateLimit": -1, "burstLimit": 1}}]}, '"rateLimit"', "0 or more"),
    ({"routes": [{**ROUTE, "authorizer": "none"}]}, '"authorizer"', "not under 'authorizers'"),
    ({"routes": [{**ROUTE, "scopes": ["a"]}]}, '"scopes"', "only tokens have scopes"),
    ({"authorizers": {"l": LAMBDA}, "routes": [{**ROUTE, "authorizer": "l", "scopes": ["a"]}]}, '"scopes"', "jwt"),
    ({"authorizers": {"x": {**JWT, "type": "oauth"}}, "routes": []}, '"type"', '"jwt" or "lambda"'),
    ({"authorizers": {"x": {"type": "jwt", "audience": ["a"]}}, "routes": []}, '"x"', "lacks the field 'issuer'"),
    ({"authorizers": {"x": {**JWT, "audience": []}}, "routes": []}, '"audience"', "name an audience"),
    ({"authorizers": {"x": {**JWT, "issuer": "me"}}, "routes": []}, '"issuer"', "jwksFile"),
    ({"authorizers": {"x": {**JWT, "jwksFile": "none.json"}}, "routes": []}, '"jwksFile"', "does not exist"),
    ({"authorizers": {"x": {**JWT, "jwksUri": "keys"}}, "routes": []}, '"jwksUri"', "http"),
    ({"authorizers": {"x": {**JWT, "identitySource": "$context.stage"}}, "routes": []}, '"identitySource"', "token"),
    ({"authorizers": {"x": {**LAMBDA, "function": "two"}}, "routes": []}, '"function"', "not under 'functions'"),
    ({"authorizers": {"x": {**LAMBDA, "identitySource": ["header"]}}, "routes": []}, '"header"', "no identity source"),
    ({"authorizers": {"x": {**LAMBDA, "resultTtlSeconds": 60}}, "routes": []}, '"resultTtlSeconds"', "identitySource"),
    ({"authorizers": {"x": {**LAMBDA, "resultTtlSeconds": 3_601}}, "routes": []}, '"resultTtlSeconds"', "0 to 3600"),
    ({"authorizers": {"x": {**LAMBDA, "payloadFormat": "1.0", "enableSimpleResponses": True}}, "routes": []},
     '"enableSimpleResponses"', "policy"),
    ({"stages": {"a b": {}}, "routes": []}, '"a b"', "not a stage's name"),
    ({"stages": {}, "routes": []}, '"stages"', "names no stage"),
    ({"stages": {"dev": {"variables": {"a-b": "c"}}}, "routes": []}, '"a-b"', "letters, digits and '_'"),
    ({"stages": {"dev": {"variables": {"a": "b c"}}}, "routes": []}, '"a"', "letters, digits and"),
    ({"stages": {"dev": {"variables": {"a": 7}}}, "routes": []}, '"a"', "has to be a string"),
    ({"stages": {"dev": {"routeThrottling": {"GET /b": {"rateLimit": 1, "burstLimit": 1}}}}, "routes": [ROUTE]},
     '"GET /b"', "not the key of a route"),
    ({"accessLog": {"format": "$context.status"}, "routes": []}, '"format"', "$context.requestId"),
    ({"accessLog": {"format": "$context.requestId\n"}, "routes": []}, '"format"', "a single line"),
    ({"accessLog": {"format": "$context.requestId" + "x" * 3_072}, "routes": []}, '"format"', "3072"),
    ({"routes": [{**ROUTE, "requestParameters": {"add:header.a": "b"}}]}, '"requestParameters"', "append:, overwrite: or remove:"),
    ({"routes": [{**ROUTE, "requestParameters": {"append:header.Authorization": "b"}}]}, '"requestParameters"', "restricted"),
    ({"routes": [{**ROUTE, "requestParameters": {"append:header.x-amz-a": "b"}}]}, '"requestParameters"', "restricted"),
    ({"routes": [{**ROUTE, "requestParameters": {"append:path": "b"}}]}, '"requestParameters"', "overwrite:path"),
    ({"routes": [{**ROUTE, "requestParameters": {"append:header.a": "$response.header.b"}}]}, '"requestParameters"', "request."),
    ({"routes": [{**ROUTE, "requestParameters": {"append:header.a": "${context.stage"}}]}, '"requestParameters"', "closing brace"),
    ({"routes": [{**ROUTE, "responseParameters": {"2xx": {}}}]}, '"2xx"', "no status code"),
    ({"routes": [{"route": "GET /a", "function": "${stageVariables.f}"}]}, '"function"', "the stage '$default' lacks"),
    ({"stages": {"dev": {"variables": {"f": "two"}}}, "routes": [{"route": "GET /a", "function": "${stageVariables.f}"}]},
     '"function"', "is 'two' on the stage 'dev'"),
    ({"apiId": "My API", "routes": []}, '"apiId"', "small letters and digits"),
    ({"cors": {"allowOrigins": ["*"], "allowCredentials": True}, "routes": []}, '"cors"', "AWS refuses"),
])
def test_a_mistake_is_told_with_its_line(tmp_path, api, field, words):
    code, said, path = complaint(tmp_path, api)
    assert code != 0 and words in said
    assert f"m.json:{line_of(path, field)}:" in said, said
