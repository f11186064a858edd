"""What holds for all APIs together: the account's throttle, and endpoints that are off."""

import json

import pytest

from . import sockets
from .sockets import Client, refused, replying, route

APIS = {
    "functions": sockets.FUNCTIONS,
    "httpApi": {"routes": [{"route": "$default", "function": "told"}]},
    "restApi": {"routes": [{"route": "GET /a", "function": "told"}]},
    "webSocketApi": {"apiId": "chat", "routes": [route("$connect"), replying("say")]}}
REST = "/_aws/execute-api/mumblerest/prod/a"


@pytest.fixture(scope="module")
def limited(start):
    """Five requests, and none comes back while a test runs."""
    return start(accountThrottling={"rateLimit": 0.001, "burstLimit": 5}, **APIS)


def test_all_apis_share_the_limit_of_the_account(limited):
    assert limited.send("GET", "/a").status == 200
    assert limited.send("GET", REST).status == 200
    client = Client(limited)
    assert client.ask('{"action": "say"}') == '{"action": "say"}'
    assert limited.send("GET", "/none").status == 200
    refusal = limited.send("GET", "/a")
    assert refusal.message == (429, "Too Many Requests") and "x-amzn-ErrorType" not in refusal.headers
    refusal = limited.send("GET", REST)
    assert refusal.message == (429, "Too Many Requests")
    assert refusal.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert json.loads(client.ask('{"action": "say"}'))["message"] == "Too Many Requests"
    client.close()
    status, _, body = refused(limited)
    assert status == 429 and json.loads(body)["message"] == "Too Many Requests"


def test_the_account_shows_its_limit(limited):
    account = limited.emulator.client("apigateway").get_account()
    assert account["throttleSettings"] == {"burstLimit": 5, "rateLimit": 0.001}


@pytest.fixture(scope="module")
def off(start):
    return start(**{
        name: {**value, "disableExecuteApiEndpoint": True} if name.endswith("Api") else value
        for name, value in APIS.items()})


@pytest.mark.parametrize("host,path", [
    ("mumblelocal.execute-api.us-east-1.amazonaws.com", "/a"), (None, "/_aws/execute-api/mumblelocal/a")])
def test_an_http_api_whose_endpoint_is_off_is_not_found_by_its_id(off, host, path):
    assert off.send("GET", path, host=host).message == (404, "Not Found")


def test_a_rest_api_whose_endpoint_is_off_is_forbidden_by_its_id(off):
    answer = off.send("GET", REST)
    assert answer.message == (403, "Forbidden") and answer.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_a_websocket_api_whose_endpoint_is_off_is_forbidden_by_its_id(off):
    assert refused(off, "/_aws/execute-api/chat/dev")[0] == 403


def test_requests_that_name_no_api_still_reach_them(off):
    assert off.send("GET", "/a").status == 200
    client = Client(off)
    assert client.ask('{"action": "say"}') == '{"action": "say"}'
    client.close()


def test_apis_say_that_their_endpoints_are_off(off):
    v2, v1 = off.emulator.client("apigatewayv2"), off.emulator.client("apigateway")
    assert [one["DisableExecuteApiEndpoint"] for one in v2.get_apis()["Items"]] == [True, True]
    assert v1.get_rest_api(restApiId="mumblerest")["disableExecuteApiEndpoint"] is True
