"""Canary and rehearsal between a legacy server and the functions."""

import json
import subprocess
from pathlib import Path

import pytest
from running import EMULATOR, until

from .backend import Backend


@pytest.fixture(scope="module")
def legacy():
    backend = Backend((200, {"Content-Type": "application/json"}, '{"side": "legacy", "id": 1}'))
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def gateway(start, legacy):
    def canary(**more):
        return {"legacyUrl": legacy.url + "/old", **more}

    routes = [{"route": "ANY /{proxy+}", "function": "told"}] + [
        {"route": f"GET /{name}", "function": "told", "canary": canary(**more)} for name, more in {
            "cookie": {"percentTraffic": 50, "sticky": "cookie"}, "counted": {"percentTraffic": 0},
            "user": {"percentTraffic": 50, "sticky": "method.request.header.X-User"},
            "rehearsed": {"rehearsal": True}, "alike": {"rehearsal": True, "ignoredPaths": ["$.id"]},
            "back": {"percentTraffic": 100, "rehearsal": True}}.items()]
    return start(restApi={"stages": {"prod": {"canary": canary()}}, "routes": routes})


def command(gateway, *words, code=0):
    done = subprocess.run(
        [EMULATOR, "canary", *words, "--data", str(gateway.folder / "data"), "--json"], capture_output=True, text=True,
        timeout=60)
    assert done.returncode == code, done
    return json.loads(done.stdout) if done.stdout else done.stderr


def report(gateway, target, code=0):
    return command(gateway, "report", target, code=code)[0]


SAME = {"answer": {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": '{"side":"legacy","id":2}'}}


def side(gateway, path="/prod/x", headers=None):
    answer = gateway.send("GET", path, headers or {})
    assert answer.status == 200, answer.body
    return "legacy" if answer.json.get("side") == "legacy" else "functions"


@pytest.mark.parametrize("percent,least,most", [
    ("0", 0, 0), ("10", 2, 45), ("30", 25, 100), ("70", 100, 180), ("100", 200, 200), ("0", 0, 0)])
def test_one_command_shifts_the_traffic_of_a_stage(gateway, percent, least, most):
    shown = command(gateway, "prod", percent)[0]
    assert shown["target"] == "prod" and shown["percentTraffic"] == float(percent)
    count = sum(side(gateway) == "functions" for _ in range(200))
    assert least <= count <= most


def test_the_legacy_server_gets_the_path_without_its_stage(gateway, legacy):
    command(gateway, "prod", "0")
    gateway.send("POST", "/prod/a/b?c=d", body="hello")
    assert (legacy.requests[-1]["method"], legacy.requests[-1]["target"]) == ("POST", "/old/a/b?c=d")
    assert legacy.requests[-1]["body"] == "hello"


@pytest.mark.parametrize("path,target", [
    ("/${stageVariables.x}/{proxy}", "/old/${stageVariables.x}/{proxy}"), ("/a%23b", "/old/a%23b"),
    ("/%C3%A9?q=%23", "/old/%C3%A9?q=%23")])
def test_the_legacy_server_gets_the_path_as_it_came(gateway, legacy, path, target):
    command(gateway, "prod", "0")
    assert side(gateway, "/prod" + path) == "legacy" and legacy.requests[-1]["target"] == target


def test_a_path_cannot_lead_out_of_the_legacy_urls_folder(gateway, legacy):
    command(gateway, "prod", "0")
    before = len(legacy.requests)
    assert gateway.send("GET", "/prod/a/../../admin").message == (400, "Bad Request")
    assert len(legacy.requests) == before


def test_a_cookie_keeps_a_caller_on_one_side(gateway):
    answer = gateway.send("GET", "/prod/cookie")
    cookie = answer.headers["set-cookie"].split(";")[0]
    first = side(gateway, "/prod/cookie", {"Cookie": cookie})
    assert all(side(gateway, "/prod/cookie", {"Cookie": f"a=b; {cookie}"}) == first for _ in range(10))
    assert "set-cookie" not in gateway.send("GET", "/prod/cookie", {"Cookie": cookie}).headers


def test_a_header_keeps_a_caller_on_one_side_and_more_traffic_only_moves_callers_to_the_functions(gateway):
    def sides():
        return {user: side(gateway, "/prod/user", {"X-User": f"user-{user}"}) for user in range(40)}

    command(gateway, "GET /user", "30")
    before = sides()
    assert before == sides()
    command(gateway, "GET /user", "70")
    after = sides()
    assert {user for user, one in before.items() if one == "functions"} <= {
        user for user, one in after.items() if one == "functions"}
    assert len(set(after.values())) == 2


def test_requests_and_errors_are_counted_for_each_side(gateway):
    command(gateway, "GET /counted", "100")
    for status in (200, 200, 500, 404):
        gateway.send("GET", "/prod/counted", tell={"answer": {"statusCode": status}})
    gateway.send("GET", "/prod/counted", tell={"error": "no"})
    command(gateway, "GET /counted", "0")
    gateway.send("GET", "/prod/counted")
    shown = next(one for one in command(gateway) if one["target"] == "GET /counted")
    assert (shown["functions"]["requests"], shown["functions"]["errors"]) == (5, 2)
    assert shown["functions"]["errorRate"] == 0.4
    assert (shown["legacy"]["requests"], shown["legacy"]["errors"]) == (1, 0)


def compared(gateway, target, count, code):
    def done():
        shown = next(one for one in command(gateway) if one["target"] == target)
        return shown["report"]["compared"] >= count
    until(done, f"{count} answers are compared")
    return report(gateway, target, code)["report"]


def test_a_rehearsal_finds_differences_and_never_returns_the_shadows_answer(gateway):
    answer = gateway.send("GET", "/prod/rehearsed")
    assert answer.json["side"] == "legacy"
    found = compared(gateway, "GET /rehearsed", 1, code=1)
    assert (found["verdict"], found["different"]) == ("different", 1)
    assert found["samples"][0]["request"] == "GET /rehearsed"
    assert any("$.side" in line for line in found["samples"][0]["differences"])


def test_a_rehearsal_of_the_same_answers_says_so(gateway):
    for _ in range(3):
        gateway.send("GET", "/prod/alike", tell=SAME)
    found = compared(gateway, "GET /alike", 3, code=0)
    assert (found["verdict"], found["compared"], found["same"]) == ("same", 3, 3)


def test_when_the_functions_answer_the_legacy_server_is_the_shadow(gateway, legacy):
    before = len(legacy.requests)
    assert side(gateway, "/prod/back") == "functions"
    compared(gateway, "GET /back", 1, code=1)
    assert legacy.requests[before]["target"] == "/old/back"


def test_a_rehearsal_is_switched_off_and_on(gateway, legacy):
    assert command(gateway, "rehearse", "GET /rehearsed", "off")[0]["rehearsal"] is False
    shown = command(gateway, "rehearse", "GET /rehearsed", "on")[0]
    assert shown["rehearsal"] is True and shown["report"]["verdict"] == "nothing compared"


@pytest.mark.parametrize("words", [("prod", "101"), ("prod", "x"), ("prod",), ("rehearse", "prod", "maybe")])
def test_wrong_usage_is_said(gateway, words):
    assert "emulator" in command(gateway, *words, code=64)


def test_an_unknown_target_is_said(gateway):
    assert "prod" in command(gateway, "nothing", "10", code=66)


def test_a_weight_survives_a_crash_and_is_in_snapshots(start, legacy):
    def weights():
        return [(one["percentTraffic"], one["rehearsal"]) for one in command(gateway)]

    def state(*words):
        subprocess.run([EMULATOR, *words, "--data", str(gateway.folder / "data")], check=True, timeout=60)

    canary = {"legacyUrl": legacy.url, "percentTraffic": 5}
    gateway = start(restApi={
        "stages": {"prod": {"canary": canary}},
        "routes": [{"route": "GET /a", "function": "told", "canary": canary}]})
    command(gateway, "prod", "30")
    command(gateway, "rehearse", "GET /a", "on")
    gateway.emulator.kill()
    gateway.run()
    assert weights() == [(30, False), (5, True)]
    state("snapshot", "save", "thirty")
    command(gateway, "prod", "70")
    state("snapshot", "load", "thirty")
    assert weights() == [(30, False), (5, True)]
    state("reset")
    assert weights() == [(5, False), (5, False)]
    # Who changes the manifest means it.
    command(gateway, "prod", "30")
    manifest = Path(gateway.manifest)
    text = manifest.read_text()
    assert '"percentTraffic": 5' in text
    manifest.write_text(text.replace('"percentTraffic": 5', '"percentTraffic": 6'))
    gateway.restart()
    assert weights() == [(6, False), (6, False)]
