"""REST API: API keys, usage plans, throttles and quotas."""

import subprocess
import time

import pytest
from running import EMULATOR

KEYS = {name: f"key-of-{name}-0123456789" for name in ("gold", "slow", "few", "off", "lonely", "method", "restart")}


@pytest.fixture(scope="module")
def configuration():
    plans = [
        {"name": "gold", "apiKeys": ["gold", "off"], "stages": ["prod"]},
        {"name": "slow", "apiKeys": ["slow"], "stages": ["prod"], "throttle": {"rateLimit": 0, "burstLimit": 3}},
        {"name": "few", "apiKeys": ["few"], "stages": ["prod"], "quota": {"limit": 5, "period": "MONTH", "offset": 2}},
        {"name": "restart", "apiKeys": ["restart"], "stages": ["prod"], "quota": {"limit": 4, "period": "MONTH"}},
        {"name": "method", "apiKeys": ["method"], "stages": ["prod"],
         "methodThrottles": {"prod:/pets/{id}/GET": {"rateLimit": 0, "burstLimit": 1}}}]
    return {
        "stages": {
            "prod": {"methodSettings": {"/rare/GET": {"throttling": {"rateLimit": 0, "burstLimit": 2}}}}, "dev": {},
            "calm": {"throttling": {"rateLimit": 0, "burstLimit": 4}}, "shut": {"throttling": {"rateLimit": 0, "burstLimit": 0}}},
        "apiKeys": [{"name": name, "value": value, "enabled": name != "off"} for name, value in KEYS.items()],
        "usagePlans": plans,
        "routes": [
            {"route": "GET /pets", "function": "told", "apiKeyRequired": True},
            {"route": "GET /pets/{id}", "function": "told", "apiKeyRequired": True},
            {"route": "GET /rare", "function": "told"}, {"route": "GET /open", "function": "told"}]}


@pytest.fixture(scope="module")
def gateway(start, configuration):
    return start(restApi=configuration)


@pytest.fixture
def one_period():
    """Counts of a quota begin anew with a month, which begins with a day (UTC): none begins within the test."""
    while time.time() % 86_400 > 86_400 - 120:
        time.sleep(1)


def get(gateway, key=None, path="/prod/pets"):
    return gateway.send("GET", path, {"x-api-key": KEYS.get(key, key)} if key else {})


@pytest.mark.parametrize("key,path", [
    (None, "/prod/pets"), ("unknown", "/prod/pets"), ("off", "/prod/pets"), ("lonely", "/prod/pets"),
    ("gold", "/dev/pets")])
def test_a_key_that_is_not_good_here_is_forbidden(gateway, key, path):
    answer = get(gateway, key, path)
    assert answer.message == (403, "Forbidden")
    assert answer.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_a_good_key_passes_and_is_in_the_identity(gateway):
    identity = get(gateway, "gold").event["requestContext"]["identity"]
    assert identity["apiKey"] == KEYS["gold"] and identity["apiKeyId"] == "gold"


def test_a_method_that_wants_no_key_takes_none(gateway):
    assert "apiKey" not in get(gateway, "gold", "/prod/open").event["requestContext"]["identity"]


def test_a_plans_throttle_lets_its_burst_pass(gateway):
    answers = [get(gateway, "slow") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].message == (429, "Too Many Requests")
    assert answers[-1].headers["x-amzn-ErrorType"] == "TooManyRequestsException"


def test_a_quota_ends_and_its_offset_counts_in_the_first_period(gateway, one_period):
    answers = [get(gateway, "few") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].message == (429, "Limit Exceeded")
    assert answers[-1].headers["x-amzn-ErrorType"] == "LimitExceededException"


def test_a_method_of_a_plan_has_a_throttle_of_its_own(gateway):
    assert [get(gateway, "method", "/prod/pets/1").status for _ in range(3)] == [200, 429, 429]
    assert get(gateway, "method").status == 200


@pytest.mark.parametrize("path,statuses", [
    ("/prod/rare", [200, 200, 429]), ("/calm/open", [200, 200, 200, 200, 429]), ("/shut/open", [429])])
def test_stages_and_methods_throttle_everybody(gateway, path, statuses):
    assert [gateway.send("GET", path).status for _ in statuses] == statuses


def test_the_quota_is_not_given_anew_by_a_restart(start, configuration, one_period):
    gateway = start(restApi=configuration)
    assert [get(gateway, "restart").status for _ in range(3)] == [200, 200, 200]
    gateway.restart()
    assert [get(gateway, "restart").status for _ in range(2)] == [200, 429]


def test_a_quota_is_in_snapshots_and_goes_with_a_reset(start, configuration, one_period):
    def state(*words):
        subprocess.run([EMULATOR, *words, "--data", str(gateway.folder / "data")], check=True, timeout=60)

    gateway = start(restApi=configuration)
    assert [get(gateway, "restart").status for _ in range(3)] == [200, 200, 200]
    state("snapshot", "save", "three")
    assert [get(gateway, "restart").status for _ in range(2)] == [200, 429]
    state("snapshot", "load", "three")
    assert [get(gateway, "restart").status for _ in range(2)] == [200, 429]
    state("reset")
    assert [get(gateway, "restart").status for _ in range(5)] == [200, 200, 200, 200, 429]
