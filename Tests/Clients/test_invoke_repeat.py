"""`emulator invoke --repeat N --concurrency M`: how long calls take."""

import contextlib

import pytest
from listening import Gate
from running import until

from . import commands

SLOW = "time.sleep(0.02)\nresult = {}"


@pytest.fixture
def service(tmp_path):
    """A manifest with a function, and the options that name it."""

    def make(body, **more):
        program = tmp_path / "program"
        commands.write_program(str(program), commands.bootstrap(body))
        manifest = commands.write_manifest(tmp_path, {"work": {"executable": str(program), **more}})
        return ["--manifest", manifest, "--data", tmp_path / "data"]

    return make


def check(report, count):
    assert report["count"] == count
    assert 0 < report["minMs"] <= report["p50Ms"] <= report["p90Ms"] <= report["p99Ms"] <= report["maxMs"]
    assert sum(bucket["count"] for bucket in report["buckets"]) == count
    limits = [bucket["belowMs"] for bucket in report["buckets"]]
    assert limits == sorted(limits) and report["maxMs"] < limits[-1]
    assert report["perSecond"] > 0


def test_alone(service):
    report = commands.printed("invoke", "work", *service("result = {}"), "--repeat", 40, "--concurrency", 4)
    check(report, 40)
    assert report["errors"] == 0


def test_beside_a_running_emulator(service, start, tmp_path):
    options = service("result = {}")
    running = start(manifest=options[1])
    report = commands.printed("invoke", "work", *options, "--repeat", 60, "--concurrency", 6)
    check(report, 60)
    assert report["errors"] == 0
    log = tmp_path / "data/logs/work.log"
    until(lambda: log.read_text().count("START RequestId") == 60, "all calls in the emulator's log")
    assert running.process.poll() is None


def test_no_call_is_faster_than_the_function(service):
    report = commands.printed("invoke", "work", *service(SLOW), "--repeat", 10)
    assert report["minMs"] >= 20


def test_calls_are_made_at_once(service):
    """Each is held until all are there."""
    with contextlib.closing(Gate(opens_at=8)) as gate:
        hold = f"""
gate = http.client.HTTPConnection("127.0.0.1", {gate.port})
gate.request("POST", "/", b"")
result = gate.getresponse().read().decode()
"""
        report = commands.printed("invoke", "work", *service(hold), "--repeat", 8, "--concurrency", 8)
    assert report["errors"] == 0


def test_failures_are_counted_and_named(service):
    options = service("raise SystemExit('broken')", reservedConcurrency=1)
    report = commands.printed("invoke", "work", *options, "--repeat", 3, code=1)
    assert report["errors"] == 3
    assert any("exit" in reason for reason in report["reasons"])


def test_calls_beyond_the_concurrency_fail(service):
    # Longer than four calls of one process take to begin on a busy machine.
    options = service("time.sleep(2)\nresult = {}", reservedConcurrency=1)
    report = commands.printed("invoke", "work", *options, "--repeat", 4, "--concurrency", 4, code=1)
    assert report["errors"] >= 1
    assert any("throttled" in reason for reason in report["reasons"])


def test_people_get_bars(service):
    text = commands.run("invoke", "work", *service("result = {}"), "--repeat", 20).stdout
    assert "#" in text and "p50" in text and "p99" in text and "20 calls in" in text and "0 failed" in text


def test_progress_is_shown_when_it_takes_long(service):
    errors = commands.run(
        "invoke", "work", *service("time.sleep(0.25)\nresult = {}"), "--repeat", 12).stderr
    assert "of 12 calls" in errors


@pytest.mark.parametrize("option", ["--repeat", "--concurrency"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_numbers_have_bounds(service, option, value):
    error = commands.run("invoke", "work", *service("result = {}"), f"{option}={value}", code=64).stderr
    assert f"{option} has to be a whole number" in error


@pytest.mark.parametrize("more", [[], ["--repeat", 2]])
@pytest.mark.parametrize("beside", [False, True])
def test_an_unknown_function_is_answered_with_a_known_one(service, start, beside, more):
    options = service("result = {}")
    if beside:
        start(manifest=options[1])
    code = 1 if beside and more else 66
    result = commands.run("invoke", "wrok", *options, *more, code=code)
    assert "Did you mean 'work'?" in result.stderr + result.stdout
