"""Mistakes in the manifest's REST API stop the start and say what to do."""

import json
import subprocess

import pytest
from running import EMULATOR

MOCK = {"type": "MOCK"}


def api(**more):
    return {"routes": [{"route": "GET /a", "integration": MOCK}], **more}


def one(**more):
    return {"routes": [{"route": "GET /a", "integration": MOCK, **more}]}


@pytest.mark.parametrize("rest,words", [
    ({}, ["restApi", "routes"]),
    (api(routs=[]), ["did you mean 'routes'"]),
    ({"routes": [{"route": "GET /a"}]}, ["needs either a 'function', a 'url' or an 'integration'"]),
    ({"routes": [{"route": "GET /a", "function": "nope"}]}, ["names 'nope'"]),
    ({"routes": [{"route": "$default", "integration": MOCK}]}, ["ANY /{proxy+}"]),
    ({"routes": [{"route": "GET /{a}", "integration": MOCK}, {"route": "GET /{b}", "integration": MOCK}]},
     ["GET /{a}", "GET /{b}", "clashes"]),
    ({"routes": [{"route": "GET /a", "url": "nowhere"}]}, ["routes.0.url", "http"]),
    (one(authorizer="x"), ["authorizers"]),
    (one(requestModels={"application/json": "Pet"}), ["models"]),
    (one(requestParameters={"header.x": True}), ["method.request.querystring"]),
    (one(timeoutMilliseconds=30_000), ["50 to 29000"]),
    (one(canary={"percentTraffic": 5}), ["legacyUrl"]),
    (one(canary={"legacyUrl": "http://x", "percentTraffic": 101}), ["0 to 100"]),
    (one(canary={"legacyUrl": "http://x", "sticky": "hair"}), ["cookie"]),
    (api(models={"Pet": {"type": "pet"}}), ["models.Pet", "draft 4", "#/type"]),
    (one(canary={"legacyUrl": "http://x/?a=b"}), ["legacyUrl", "query"]),
    (one(canary={"legacyUrl": "http://x/#a"}), ["legacyUrl", "query"]),
    ({"routes": [{"route": "GET /a", "url": "http://h/{a"}]}, ["routes.0.url", "http"]),
    (api(stages={"a b": {}}), ["not a stage's name"]),
    (api(stages={}), ["names no stage"]),
    (api(stages={"prod": {"variables": {"a-b": "1"}}}), ["stages.prod.variables.a-b"]),
    (api(stages={"prod": {"variables": {f"v{n}": "1" for n in range(101)}}}), ["AWS allows 100"]),
    (api(stages={"prod": {"variables": {"x": "a b"}}}), ["stages.prod.variables.x"]),
    (api(stages={"prod": {"methodSettings": {"x": {}}}}), ["*/*"]),
    (api(gatewayResponses={"THROTLED": {}}), ["did you mean 'THROTTLED'"]),
    (api(gatewayResponses={"THROTTLED": {"responseTemplates": {"application/json": "#if(x"}}}), ["no mapping template"]),
    (api(gatewayResponses={"THROTTLED": {"responseParameters": {"header.X": "'a'"}}}), ["gatewayresponse.header."]),
    (api(gatewayResponses={"THROTTLED": {"responseParameters": {"gatewayresponse.header.X": "a"}}}), ["single quotes"]),
    (api(apiKeySource="COOKIE"), ["HEADER"]),
    (api(apiKeys=[{"name": "a", "value": "short"}]), ["20 to 128"]),
    (api(usagePlans=[{"name": "p", "apiKeys": ["x"]}]), ["apiKeys"]),
    (api(usagePlans=[{"name": "p", "stages": ["x"]}]), ["stages"]),
    (api(usagePlans=[{"name": "p", "quota": {"limit": 1, "period": "YEAR"}}]), ["MONTH"]),
    (api(usagePlans=[{"name": "p", "throttle": {"rateLimit": -1, "burstLimit": 1}}]), ["rateLimit"]),
    (api(authorizers={"a": {"type": "JWT", "function": "f"}}), ["TOKEN"]),
    (api(apiId="Not-Good"), ["apiId"]),
    ({"routes": [{"route": "GET /a", "integration": {"type": "HTTP"}}]}, ["uri"]),
    ({"routes": [{"route": "GET /a", "integration": {"type": "AWS"}}]}, ["lacks the field 'function'"]),
    ({"routes": [{"route": "GET /a", "integration": {"type": "AWS", "function": "g"}}]}, ["names 'g'"]),
    ({"routes": [{"route": "GET /a", "integration": {"type": "MOCK", "function": "f"}}]}, ["does not belong"]),
    (api(accessLog={"format": "$context.status"}), ["accessLog", "$context.requestId"]),
    ({"routes": [{"route": "GET /a", "integration": {
        "type": "MOCK", "integrationResponses": [{"statusCode": 200, "selectionPattern": "("}]}}]}, ["regular expression"]),
])
def test_a_mistake_is_named_with_its_place_and_remedy(tmp_path, rest, words):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(
        {"service": "s", "functions": {"f": {"executable": "/bin/true"}}, "restApi": rest}, indent=1))
    done = subprocess.run(
        [EMULATOR, "start", "--manifest", str(path), "--data", str(tmp_path / "d"), "--port", "0", "--aws-port", "0"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 65 and "m.json:" in done.stderr, done
    for word in words:
        assert word in done.stderr, done.stderr
