"""Invoke with `InvocationType=Event`: accepted events run at least once, retried as AWS does."""

import json
import subprocess
import threading
import time
import uuid

import pytest
from endpoints import refused
from running import EMULATOR, clean, until

from .collector import Shop, arn, services
from .conftest import Service, call


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("async"), Service)
    yield made
    made.close()


def send(shop, name, payload=None, **parameters):
    return call(shop.client, name, payload, InvocationType="Event", **parameters)


# What the caller gets

def test_202_with_an_empty_body(shop):
    answer = send(shop, shop.take(), {"a": 1})
    assert answer.status == 202
    assert answer.payload == b""


def test_no_executed_version(shop):
    assert send(shop, shop.take(), {}).version is None


def test_the_event_arrives_as_it_was_sent(shop):
    name = shop.take()
    event = {"text": "ä\u2028", "number": 1.5, "list": [None, True], "deep": {"a": {"b": []}}}
    send(shop, name, event)
    assert shop.collector.wait(name)[0]["event"] == event


def test_an_empty_payload_becomes_an_empty_object(shop):
    name = shop.take()
    send(shop, name)
    assert shop.collector.wait(name)[0]["event"] == {}


@pytest.mark.parametrize("value", [[1, 2], "text", 5, None, True], ids=str)
def test_any_json_value_is_an_event(shop, value):
    name = shop.take()
    send(shop, name, json.dumps(value).encode())
    assert shop.collector.wait(name)[0]["event"] == value


def test_the_request_id_is_that_of_the_answer(shop):
    name = shop.take()
    answer = send(shop, name, {})
    assert shop.collector.wait(name)[0]["request_id"] == answer.request_id


@pytest.mark.parametrize("form", ["{}", "{}:$LATEST", "function:{}", "000000000000:function:{}"])
def test_forms_of_the_name(shop, form):
    name = shop.take()
    send(shop, form.format(name), {})
    expected = arn(name) + (":$LATEST" if "LATEST" in form else "")
    assert shop.collector.wait(name)[0]["arn"] == expected


def test_what_is_no_json_is_refused(shop):
    with refused("InvalidRequestContentException", "Could not parse request body into json", status=400):
        send(shop, shop.take(), b"{nonsense")


def test_an_unknown_function(shop):
    with refused("ResourceNotFoundException", f"Function not found: {arn('nobody')}", status=404):
        send(shop, "nobody", {})


def test_1_mb_is_taken(shop):
    name = shop.take()
    send(shop, name, b'"' + b"x" * (1_048_576 - 2) + b'"')
    assert len(shop.collector.wait(name)[0]["event"]) == 1_048_574


def test_more_than_1_mb_is_not(shop):
    text = "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    with refused("RequestEntityTooLargeException", text, status=413):
        send(shop, shop.take(), b'"' + b"x" * (1_048_576 - 1) + b'"')


def test_a_dry_run_runs_nothing(shop):
    name = shop.take()
    assert call(shop.client, name, {}, InvocationType="DryRun").status == 204
    send(shop, name, {"second": True})
    assert [one["event"] for one in shop.collector.wait(name)] == [{"second": True}]


# Retries

def test_a_failed_function_is_tried_three_times(shop):
    name, marker = shop.take({"error": "bad"}), shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn(marker)}})
    send(shop, name, {})
    shop.collector.wait(marker)
    assert len(shop.collector.of(name)) == 3


def test_all_attempts_have_one_request_id(shop):
    name = shop.take({"error": "bad"})
    answer = send(shop, name, {})
    assert {one["request_id"] for one in shop.collector.wait(name, 3)} == {answer.request_id}


def test_a_retry_that_succeeds_is_the_last(shop):
    name = shop.take()
    shop.collector.answers[name] = lambda one: {"error": "bad"} if len(shop.collector.of(name)) == 1 else {}
    marker = shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn(marker)}})
    send(shop, name, {})
    record = shop.collector.wait(marker)[0]["event"]
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert len(shop.collector.of(name)) == 2


def test_a_crash_counts_as_a_failure(shop):
    name = shop.take({"exit": 3})
    send(shop, name, {})
    assert len({one["request_id"] for one in shop.collector.wait(name, 3)}) == 1


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_maximum_retry_attempts(shop, retries):
    name, marker = shop.take({"error": "bad"}), shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": arn(marker)}})
    send(shop, name, {})
    record = shop.collector.wait(marker)[0]["event"]
    assert record["requestContext"]["approximateInvokeCount"] == retries + 1
    assert len(shop.collector.of(name)) == retries + 1


def test_events_of_one_function_do_not_wait_for_anothers(shop):
    slow, quick = shop.take(), shop.take()
    gate = {"open": False}

    def hold(one):
        until(lambda: gate["open"], "the gate")
        return {}

    shop.collector.answers[slow] = hold
    try:
        for number in range(30):
            send(shop, slow, {"n": number})
        send(shop, quick, {})
        shop.collector.wait(quick)
    finally:
        gate["open"] = True
    numbers = {one["event"]["n"] for one in shop.collector.wait(slow, 30)}
    assert numbers == set(range(30))


def test_a_burst_beyond_the_concurrency_is_not_lost(shop):
    name = shop.take()
    for number in range(50):
        send(shop, name, {"n": number})
    assert {one["event"]["n"] for one in shop.collector.wait(name, 50)} == set(range(50))


# What outlives the emulator

@pytest.fixture
def own(tmp_path):
    """own(**functions' fields) -> a Service with the function `f`, and its collector."""
    with services() as (collector, made):
        def make(options=("--async-retry-delays", "60000,60000"), **more):
            folder = tmp_path / "own"
            folder.mkdir()
            made.append(Service(folder, {"f": collector.function(**more)}, options=options))
            return made[-1], collector

        yield make


@pytest.mark.parametrize("kill", [False, True], ids=["stop", "kill"])
def test_events_that_wait_run_after_a_restart(own, kill):
    service, collector = own(reservedConcurrency=1)
    stuck = {"is": True}
    collector.answers["f"] = lambda one: until(lambda: not stuck["is"], "the release") and {} or {}
    sent = {service.call("f", {"n": n}, InvocationType="Event").request_id for n in range(10)}
    collector.wait("f")
    if kill:
        service.emulator.kill()
    else:
        service.emulator.stop()
    stuck["is"] = False
    service.start()
    until(lambda: {one["request_id"] for one in collector.of("f")} == sent, "every event")


def test_throttles_use_up_no_retry(own):
    service, collector = own(reservedConcurrency=1)
    service.client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    state = {"stuck": True}
    collector.answers["f"] = lambda one: until(lambda: not state["stuck"], "the release") and {} or {}
    waiting = threading.Thread(target=lambda: service.call("f", {"n": "sync"}))
    waiting.start()
    collector.wait("f")
    service.call("f", {"n": "async"}, InvocationType="Event")
    # Long enough for some refusals.
    time.sleep(2)
    state["stuck"] = False
    waiting.join()
    until(lambda: {"n": "async"} in collector.events("f"), "the event")


def test_an_event_that_was_answered_does_not_run_again(own):
    service, collector = own()
    for number in range(5):
        service.call("f", {"n": number}, InvocationType="Event")
    collector.wait("f", 5)
    until(lambda: service.log("f").count("REPORT") == 5, "five reports")
    service.restart()
    service.call("f", {"n": "last"}, InvocationType="Event")
    until(lambda: {"n": "last"} in collector.events("f"), "the last event")
    assert len(collector.of("f")) == 6


def test_a_retry_that_waits_keeps_its_id_and_its_count_over_a_restart(own):
    service, collector = own(options=("--async-retry-delays", "3000,100"))
    collector.answers["f"] = {"error": "bad"}
    request_id = service.call("f", {}, InvocationType="Event").request_id
    collector.wait("f")
    until(lambda: service.log("f").count("REPORT") == 1, "one report")
    service.restart(kill=True)
    calls = collector.wait("f", 3)
    assert {one["request_id"] for one in calls} == {request_id}


def test_events_are_part_of_a_snapshot(own, tmp_path):
    service, collector = own(reservedConcurrency=1)
    state = {"stuck": True}
    collector.answers["f"] = lambda one: until(lambda: not state["stuck"], "the release") and {} or {}
    key = str(uuid.uuid4())
    service.call("f", {"first": key}, InvocationType="Event")
    collector.wait("f")
    service.call("f", {"second": key}, InvocationType="Event")

    def snapshot(*arguments):
        subprocess.run(
            [EMULATOR, "snapshot", *arguments, "--data", service.emulator.folder], check=True, env=clean(),
            capture_output=True)

    snapshot("save", "waiting")
    state["stuck"] = False
    until(lambda: {"second": key} in collector.events("f"), "the second event")
    until(lambda: service.log("f").count("REPORT") == 2, "two reports")
    snapshot("load", "waiting")
    until(lambda: collector.events("f").count({"second": key}) == 2, "the second event of the snapshot")
    assert service.call("f", {"after": 1}, InvocationType="Event").status == 202


def test_verify_finds_the_queue_whole(own):
    service, collector = own(reservedConcurrency=1)
    gone = threading.Event()
    collector.answers["f"] = lambda one: gone.wait(60) and {} or {}
    for number in range(3):
        service.call("f", {"n": number}, InvocationType="Event")
    collector.wait("f")
    service.emulator.kill()
    gone.set()
    run = subprocess.run(
        [EMULATOR, "verify", "--json", "--data", service.emulator.folder], env=clean(), capture_output=True,
        text=True)
    assert run.returncode == 0, run.stdout
    checks = {check["name"]: check for check in json.loads(run.stdout)["checks"]}
    assert checks["queued-events"]["entries"] == 3, checks
