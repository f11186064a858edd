"""HTTP API: throttling by route and stage. Rates are so low that none comes back while a test runs."""

import pytest

SLOW = {"rateLimit": 0.001, "burstLimit": 3}


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={
        "cors": {"allowOrigins": ["*"]},
        "authorizers": {"judge": {
            "type": "lambda", "function": "judge", "enableSimpleResponses": True,
            "identitySource": ["$request.header.Authorization"]}},
        "routes": [
            {"route": "GET /a", "function": "told"}, {"route": "GET /b", "function": "told"},
            {"route": "GET /c", "function": "told"},
            {"route": "GET /own", "function": "told", "throttling": {"rateLimit": 0.001, "burstLimit": 1}},
            {"route": "GET /blocked", "function": "told", "throttling": {"rateLimit": 0, "burstLimit": 0}},
            {"route": "GET /fast", "function": "told", "throttling": {"rateLimit": 100_000, "burstLimit": 50}},
            {"route": "GET /guarded", "function": "told", "authorizer": "judge",
             "throttling": {"rateLimit": 0.001, "burstLimit": 1}}],
        "stages": {
            "$default": {}, "slow": {"throttling": SLOW, "routeThrottling": {
                "GET /c": {"rateLimit": 0.001, "burstLimit": 2}, "GET /own": {"rateLimit": 0.001, "burstLimit": 4}}}}})


def passed(gateway, path, count=10, **more):
    """How many of so many requests were not throttled; the others have AWS's answer."""
    statuses = []
    for _ in range(count):
        answer = gateway.send("GET", path, **more)
        statuses.append(answer.status)
        if answer.status == 429:
            assert answer.message == (429, "Too Many Requests")
    allowed = sum(status != 429 for status in statuses)
    assert statuses[:allowed].count(429) == 0
    return allowed


def test_a_stage_without_limits_has_none(gateway):
    assert passed(gateway, "/a", 20) == 20


def test_the_stages_limit_is_each_routes(gateway):
    assert passed(gateway, "/slow/a") == 3
    assert passed(gateway, "/slow/b") == 3


def test_a_routes_limit_in_its_stage_comes_first(gateway):
    assert passed(gateway, "/slow/c") == 2
    assert passed(gateway, "/slow/own") == 4


def test_a_routes_own_limit_holds_on_every_other_stage(gateway):
    assert passed(gateway, "/own") == 1


def test_zero_blocks_everything(gateway):
    assert passed(gateway, "/blocked") == 0


def test_what_comes_back_at_once_never_ends(gateway):
    assert passed(gateway, "/fast", 100) == 100


def test_a_throttled_request_asks_no_authorizer(gateway):
    assert gateway.send("GET", "/guarded").status == 401
    assert gateway.send("GET", "/guarded").status == 429


def test_a_refusal_has_the_headers_of_every_answer(gateway):
    answer = gateway.send("GET", "/blocked", {"Origin": "https://a.example"})
    assert answer.status == 429 and answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["apigw-requestid"] and answer.headers["content-type"] == "application/json"


def test_unknown_routes_are_not_throttled(gateway):
    assert {gateway.send("GET", "/slow/nothing").status for _ in range(6)} == {404}
