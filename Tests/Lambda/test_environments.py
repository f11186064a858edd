"""How many environments a function gets, who waits, who is refused, and what is started ahead."""

import concurrent.futures
import json
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from running import EMULATOR, until

from .bootstraps import python
from .conftest import gate_at

HELD = python("""
def handler(event, headers):
    if event == "hold":
        hold()
    return process()
serve(handler)
""")

SLEEPY = python("""
import time
def handler(event, headers):
    time.sleep(event or 0)
    return process()
serve(handler)
""")

# One environment, however slow its process is to ask for the next call.
COUNTING = {"reservedConcurrency": 1, "code": python("""
count = 0
def handler(event, headers):
    global count
    count += 1
    if event == "crash":
        os._exit(1)
    return [process(), count, os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]]
serve(handler)
""")}


def held(gate, concurrency=None, **more):
    """A function whose calls wait at the gate when their event is "hold"."""
    limit = {} if concurrency is None else {"reservedConcurrency": concurrency}
    return {"code": HELD, "environment": gate_at(gate), **limit, **more}


def beside(made, gate, count, refused=0):
    """Calls of `f` that are held, all at the same time, of which some are refused: the answers and the refusals."""
    def one(_):
        try:
            return made.call("f", "hold")
        except ClientError as error:
            return error.response

    with concurrent.futures.ThreadPoolExecutor(count + refused) as pool:
        calls = [pool.submit(one, None) for _ in range(count + refused)]
        until(lambda: sum(call.done() for call in calls) >= refused, f"{refused} refusals")
        gate.wait(count)
        gate.open()
        results = [call.result() for call in calls]
    refusals = [result for result in results if isinstance(result, dict)]
    assert len(refusals) == refused
    return [result for result in results if not isinstance(result, dict)], refusals


def environments(made, name):
    """Those that exist, by the emulator's own account."""
    return cold_starts(made, name)["environments"]


def cold_starts(made, name, *options):
    done = subprocess.run(
        [EMULATOR, "cold-starts", name, "--json", "--data", made.emulator.folder, *options],
        capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return found["functions"][0] if "functions" in found else found


def test_calls_in_a_row_share_one_environment(service):
    made = service(f=COUNTING)
    results = [made.call("f").json for _ in range(5)]
    assert len({result[0] for result in results}) == 1
    assert [result[1] for result in results] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("count", [2, 4])
def test_calls_at_once_get_an_environment_each(service, gate, count):
    made = service(f=held(gate, 10))
    answers, _ = beside(made, gate, count)
    assert len({answer.json for answer in answers}) == count


@pytest.mark.parametrize("limit", [1, 3])
def test_beyond_the_reserved_concurrency_calls_are_refused(service, gate, limit):
    made = service(f=held(gate, limit))
    answers, refused = beside(made, gate, limit, refused=2)
    assert [answer.error for answer in answers] == [None] * limit
    for answer in refused:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert answer["Error"]["Code"] == "TooManyRequestsException"
        assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert answer["Error"]["Message"] == "Rate Exceeded."


def test_without_concurrency_every_call_is_refused(service):
    made = service(f={"code": SLEEPY, "reservedConcurrency": 0})
    with pytest.raises(ClientError) as caught:
        made.call("f", 0)
    answer = caught.value.response
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_after_a_refusal_the_function_goes_on(service, gate):
    made = service(f=held(gate, 1))
    beside(made, gate, 1, refused=1)
    assert made.call("f", "go").error is None


def test_beyond_the_accounts_concurrency_the_reason_is_another(service, gate):
    made = service(f=held(gate, 10), g=SLEEPY, options=["--account-concurrency", "2"])
    _, refused = beside(made, gate, 2, refused=1)
    assert [answer["Reason"] for answer in refused] == ["ConcurrentInvocationLimitExceeded"]


def test_an_idle_environment_makes_room_for_another_function(service):
    made = service(f=COUNTING["code"], g=COUNTING["code"], options=["--account-concurrency", "1"])
    assert made.call("f").json[1] == 1
    assert made.call("g").json[1] == 1
    assert made.call("f").json[1] == 1


def test_idle_environments_end(service):
    made = service(f=COUNTING, options=["--idle-environments", "1"])
    first = made.call("f").json[0]
    until(lambda: environments(made, "f") == 0, "the environment is ended")
    second = made.call("f").json
    assert second[1] == 1 and second[0] != first


def test_busy_environments_do_not_end(service):
    made = service(f=SLEEPY, options=["--idle-environments", "1"])
    assert made.call("f", 4).error is None


def test_a_crash_of_one_leaves_the_others(service, gate):
    made = service(f={"code": python("""
def handler(event, headers):
    if event == "crash":
        os._exit(1)
    hold()
serve(handler)
"""), "reservedConcurrency": 5, "environment": gate_at(gate)})
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        others = [pool.submit(made.call, "f", "wait") for _ in range(2)]
        gate.wait(2)
        assert made.call("f", "crash").error == "Unhandled"
        assert not any(other.done() for other in others)
        gate.open()
        assert [other.result().error for other in others] == [None, None]


# Provisioned concurrency

def test_provisioned_environments_are_there_before_the_first_call(service):
    made = service(f={**COUNTING, "reservedConcurrency": 2, "provisionedConcurrency": 2})
    until(lambda: cold_starts(made, "f")["inits"] == 2, "both are up")
    assert made.call("f").json[2] == "provisioned-concurrency"


def test_their_first_call_has_no_init_of_its_own(service):
    made = service(f={**COUNTING, "provisionedConcurrency": 1})
    until(lambda: cold_starts(made, "f")["inits"] == 1, "it is up")
    before = cold_starts(made, "f")["inits"]
    made.call("f")
    assert cold_starts(made, "f")["inits"] == before


def test_they_outlive_idle_time(service):
    made = service(f={**COUNTING, "provisionedConcurrency": 1}, options=["--idle-environments", "1"])
    until(lambda: cold_starts(made, "f")["inits"] == 1, "it is up")
    pid = made.call("f").json[0]
    # Several sweeps of idle environments go by; nothing can be waited for that must not happen.
    time.sleep(3)
    assert made.call("f").json[0] == pid


def test_they_start_again_after_a_crash(service):
    made = service(f={**COUNTING, "provisionedConcurrency": 1})
    until(lambda: cold_starts(made, "f")["inits"] == 1, "it is up")
    assert made.call("f", "crash").error == "Unhandled"
    until(lambda: cold_starts(made, "f")["inits"] == 2, "it is up again, without a call")
    assert made.call("f").json[1:] == [1, "provisioned-concurrency"]


def test_beyond_them_environments_are_on_demand(service, gate):
    made = service(f=held(gate, provisionedConcurrency=1, code=python("""
def handler(event, headers):
    hold()
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
serve(handler)
""")))
    until(lambda: cold_starts(made, "f")["inits"] == 1, "it is up")
    answers, _ = beside(made, gate, 2)
    assert sorted(answer.json for answer in answers) == ["on-demand", "provisioned-concurrency"]


# Cold starts

def test_a_report_tells_measured_inits(service):
    made = service(f=COUNTING)
    assert cold_starts(made, "f")["inits"] == 0
    made.call("f")
    report = cold_starts(made, "f")
    assert report["inits"] == 1 and report["failures"] == 0
    assert 0 < report["medianMs"] == report["lastMs"] == report["longestMs"]


def test_failed_inits_are_counted(service):
    made = service(f="#!/bin/sh\nexit 1\n")
    made.call("f")
    report = cold_starts(made, "f")
    assert report["inits"] == 0 and report["failures"] == 2


def test_a_call_can_be_made_cold(service):
    made = service(f=COUNTING)
    first = made.call("f").json
    assert cold_starts(made, "f", "--make-cold")["environments"] == 1
    second = made.call("f").json
    assert second[1] == 1 and second[0] != first[0]


def test_making_cold_lets_a_call_finish(service, gate):
    made = service(f=held(gate))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        call = pool.submit(made.call, "f", "hold")
        gate.wait()
        cold_starts(made, "f", "--make-cold")
        gate.open()
        assert call.result().error is None
    until(lambda: environments(made, "f") == 0, "the environment goes after its call")


@pytest.mark.parametrize("memory, expected", [(128, 97), (1769, 60), (10240, 60)])
def test_the_modelled_delay_follows_memory(service, memory, expected):
    made = service(f={**COUNTING, "memorySize": memory})
    assert cold_starts(made, "f")["modelledDelayMs"] == expected


def test_the_modelled_delay_follows_the_size_of_the_code(service, tmp_path):
    made = service(f=COUNTING)
    folder = tmp_path / "service-0" / "code" / "f"
    small = cold_starts(made, "f")["modelledDelayMs"]
    with open(folder / "bootstrap", "ab") as file:
        file.write(b"\n#" + b"x" * (20 << 20))
    assert cold_starts(made, "f")["modelledDelayMs"] == small + 60


def test_a_delayed_start_is_not_part_of_the_init(service):
    made = service(f=COUNTING, options=["--cold-start-delay"])
    started = time.monotonic()
    made.call("f")
    elapsed = (time.monotonic() - started) * 1000
    report = cold_starts(made, "f")
    assert report["isDelayed"] is True
    assert elapsed >= report["modelledDelayMs"] + report["lastMs"]


def test_a_warm_call_is_not_delayed(service):
    made = service(f=COUNTING, options=["--cold-start-delay"])
    assert [made.call("f").json[1] for _ in range(3)] == [1, 2, 3]
    assert cold_starts(made, "f")["inits"] == 1


def test_the_emulator_may_open_as_many_files_as_the_machine_allows(service):
    made = service(f=SLEEPY)
    with open(f"/proc/{made.emulator.process.pid}/limits") as file:
        [soft, hard] = next(line for line in file if line.startswith("Max open files")).split()[3:5]
    assert soft == hard
