"""HTTP backends: health checks, retries, circuit breaker, timeouts."""

import json
import subprocess

import pytest
from running import EMULATOR, until

from .backend import Backend, unused_url

NAMES = ["plain", "retried", "broken", "mended", "checked", "slow", "closing", "poor"]


@pytest.fixture(scope="module")
def backends():
    made = {name: Backend() for name in NAMES}
    yield made
    for backend in made.values():
        backend.close()


@pytest.fixture(scope="module")
def gateway(start, backends, tmp_path_factory):
    def policy(name, **more):
        return {"url": backends[name].url, **more}

    routes = [{"route": f"ANY /{name}/{{proxy+}}", "url": backends[name].url + "/{proxy}"} for name in NAMES]
    routes.append({"route": "GET /slow", "url": backends["slow"].url, "timeoutMilliseconds": 100})
    routes.append({"route": "GET /nobody", "url": unused_url()})
    return start(
        stderr=open(tmp_path_factory.mktemp("log") / "log", "a+"),
        restApi={"routes": routes}, backends=[
            policy("retried", retries={"maxAttempts": 3, "backoffMilliseconds": 1}),
            policy("poor", retries={"maxAttempts": 2, "budgetPercent": 0}),
            policy("broken", circuitBreaker={"failureThreshold": 3, "openMilliseconds": 600_000}),
            policy("mended", circuitBreaker={"failureThreshold": 3, "openMilliseconds": 200}),
            policy("checked", healthCheck={
                "path": "/health", "intervalMilliseconds": 20, "healthyThreshold": 1, "unhealthyThreshold": 2})])


def state(gateway, backends, name):
    done = subprocess.run(
        [EMULATOR, "backends", "--data", str(gateway.folder / "data"), "--json"], capture_output=True, text=True,
        timeout=60, check=True)
    return next(one for one in json.loads(done.stdout) if one["url"] == backends[name].url)


def log(gateway):
    file = gateway.arguments["stderr"]
    file.seek(0)
    return file.read()


def script(backend, *answers):
    backend.script[:] = answers
    backend.requests.clear()


def test_a_backend_without_a_policy_is_asked_once(gateway, backends):
    script(backends["plain"], (503, {}, "no"))
    assert gateway.send("GET", "/prod/plain/x").status == 503
    assert len(backends["plain"].requests) == 1


@pytest.mark.parametrize("method,attempts,status", [
    ("GET", 3, 200), ("PUT", 3, 200), ("DELETE", 3, 200), ("POST", 1, 503), ("PATCH", 1, 503)])
def test_idempotent_requests_are_tried_again(gateway, backends, method, attempts, status):
    script(backends["retried"], (503, {}, "no"), (502, {}, "no"), (200, {}, "yes"))
    assert gateway.send(method, "/prod/retried/x", body="b" if method == "PUT" else None).status == status
    assert len(backends["retried"].requests) == attempts


def test_a_broken_connection_is_tried_again(gateway, backends):
    script(backends["retried"], "close", (200, {}, "yes"))
    assert gateway.send("GET", "/prod/retried/x").status == 200


@pytest.mark.parametrize("status", [500, 404, 429])
def test_other_answers_are_not_tried_again(gateway, backends, status):
    script(backends["retried"], (status, {}, "no"))
    assert gateway.send("GET", "/prod/retried/x").status == status
    assert len(backends["retried"].requests) == 1


def test_without_a_budget_nothing_is_tried_again(gateway, backends):
    script(backends["poor"], (503, {}, "no"))
    assert gateway.send("GET", "/prod/poor/x").status == 503
    assert len(backends["poor"].requests) == 1
    assert state(gateway, backends, "poor")["retriesDenied"] == 1


def test_a_circuit_opens_and_refuses(gateway, backends):
    script(backends["broken"], (500, {}, "no"))
    for _ in range(3):
        assert gateway.send("GET", "/prod/broken/x").body == b"no"
    refused = gateway.send("GET", "/prod/broken/x")
    assert refused.message == (500, "Internal server error")
    assert len(backends["broken"].requests) == 3
    shown = state(gateway, backends, "broken")
    assert shown["circuit"] == "open" and shown["refused"] >= 1 and shown["answers"]["5xx"] == 3


def test_a_circuit_closes_again(gateway, backends):
    script(backends["mended"], (500, {}, "no"))
    for _ in range(3):
        assert gateway.send("GET", "/prod/mended/x").body == b"no"
    script(backends["mended"], (200, {}, "yes"))
    until(lambda: gateway.send("GET", "/prod/mended/x").status == 200, "the circuit lets a request try")
    assert state(gateway, backends, "mended")["circuit"] == "closed"
    begin = f"backend {backends['mended'].url}: circuit "
    lines = [line.partition(begin)[2] for line in log(gateway).splitlines() if begin in line]
    assert lines == ["closed -> open", "open -> half-open", "half-open -> closed"]


def test_health_checks_keep_requests_away_and_let_them_back(gateway, backends):
    script(backends["checked"], (500, {}, "ill"))
    until(lambda: state(gateway, backends, "checked")["healthy"] is False, "the backend is seen to be ill")
    assert gateway.send("GET", "/prod/checked/x").message == (500, "Internal server error")
    assert {request["target"] for request in backends["checked"].requests} == {"/health"}
    script(backends["checked"], (200, {}, "well"))
    until(lambda: state(gateway, backends, "checked")["healthy"] is True, "the backend is seen to be well")
    assert gateway.send("GET", "/prod/checked/x").body == b"well"
    assert "healthy -> unhealthy (status 500)" in log(gateway) and "unhealthy -> healthy" in log(gateway)


def test_a_slow_backend_times_out(gateway, backends):
    backends["slow"].gate.clear()
    try:
        assert gateway.send("GET", "/prod/slow").message == (504, "Endpoint request timed out")
    finally:
        backends["slow"].gate.set()
    assert state(gateway, backends, "slow")["timeouts"] == 1


def test_a_backend_that_closes_is_an_error(gateway, backends):
    script(backends["closing"], "close")
    assert gateway.send("POST", "/prod/closing/x", body="x").message == (500, "Internal server error")


def test_a_backend_that_is_not_there_is_counted(gateway, backends):
    assert gateway.send("GET", "/prod/nobody").status == 500


def test_connections_are_kept(gateway, backends):
    script(backends["plain"], (200, {}, "yes"))
    before = state(gateway, backends, "plain")["connectionsOpened"]
    for _ in range(5):
        gateway.send("GET", "/prod/plain/x")
    assert state(gateway, backends, "plain")["connectionsOpened"] - before <= 1


@pytest.mark.parametrize("backend,words", [
    ({"url": "ftp://x"}, ["url", "http"]), ({"url": "http://x/path"}, ["url"]),
    ({"url": "http://x", "healthCheck": {"path": "x"}}, ["healthCheck.path"]),
    ({"url": "http://x", "retries": {"maxAttempts": 0}}, ["retries.maxAttempts", "1 to 10"]),
    ({"url": "http://x", "circuitBraker": {}}, ["did you mean 'circuitBreaker'"])])
def test_a_mistake_in_the_manifest_stops_the_start(tmp_path, backend, words):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"service": "s", "functions": {}, "backends": [backend]}, indent=1))
    done = subprocess.run(
        [EMULATOR, "start", "--manifest", str(path), "--data", str(tmp_path / "d"), "--port", "0", "--aws-port", "0"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 65 and "m.json:" in done.stderr, done
    for word in words:
        assert word in done.stderr
