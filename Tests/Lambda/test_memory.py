"""The memory limit, what is reported of it, and the processor time that comes with it."""

import base64
import re

import pytest
from running import until

from .bootstraps import python
from .conftest import written

KILLED = "Runtime exited with error: signal: killed"

# One environment, however slow its process is to ask for the next call.
HUNGRY = {"reservedConcurrency": 1, "code": python("""
import time
kept = []
def handler(event, headers):
    kept.append(bytearray(b"x") * (event["mb"] << 20))
    if event.get("pause"):
        time.sleep(event["pause"])
    return len(kept)
serve(handler)
""")}


def reported(log):
    return [int(number) for number in re.findall(r"Max Memory Used: (\d+) MB", log)]


def tail(made, event):
    result = made.call("f", event, LogType="Tail")
    return reported(base64.b64decode(result.response["LogResult"]).decode())


def test_within_its_memory_a_function_lives(service):
    made = service(f={**HUNGRY, "memorySize": 256})
    assert made.call("f", {"mb": 100}).json == 1
    assert made.call("f", {"mb": 50}).json == 2


@pytest.mark.parametrize("event", [{"mb": 400}, {"mb": 400, "pause": 600}])
def test_beyond_it_the_function_is_killed(service, event):
    made = service(f={**HUNGRY, "memorySize": 128})
    result = made.call("f", event)
    assert result.error == "Unhandled"
    assert result.json == {
        "errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {result.request_id} Error: {KILLED}"}


def test_the_report_says_that_all_memory_was_used(service):
    made = service(f={**HUNGRY, "memorySize": 128})
    made.call("f", {"mb": 400, "pause": 600})
    log = written(made, "f", "REPORT RequestId")
    assert reported(log) == [128]
    assert "\tStatus: error\tError Type: Runtime.ExitError\t" in log


def test_the_next_invocation_starts_afresh(service):
    made = service(f={**HUNGRY, "memorySize": 128})
    assert made.call("f", {"mb": 400, "pause": 600}).error
    assert made.call("f", {"mb": 1}).json == 1


def test_what_its_children_hold_counts(service):
    made = service(f={"memorySize": 128, "code": python("""
import subprocess, sys
def handler(event, headers):
    code = "x = bytearray(b'x') * (400 << 20); import time; time.sleep(600)"
    return subprocess.run([sys.executable, "-c", code]).returncode
serve(handler)
""")})
    result = made.call("f")
    assert result.error == "Unhandled" and KILLED in result.json["errorMessage"]


def test_what_its_orphans_hold_counts(service):
    made = service(f={"memorySize": 128, "code": python("""
import time
def handler(event, headers):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            kept = bytearray(b"x") * (400 << 20)
            time.sleep(600)
        os._exit(0)
    os.wait()
    time.sleep(600)
serve(handler)
""")})
    if made.emulator.ready["isolation"]:
        pytest.skip("orphans are not found without a list of processes of its own")
    result = made.call("f")
    assert result.error == "Unhandled" and KILLED in result.json["errorMessage"]


def test_an_init_that_takes_too_much_is_killed(service):
    made = service(f={"memorySize": 128, "code": python("""
kept = bytearray(b"x") * (400 << 20)
import time
time.sleep(600)
""")})
    result = made.call("f")
    assert result.error == "Unhandled" and KILLED in result.json["errorMessage"]


@pytest.mark.parametrize("mb", [60, 120])
def test_the_peak_is_measured(service, mb):
    made = service(f={**HUNGRY, "memorySize": 512})
    base, = tail(made, {"mb": 0})
    made.call("f", {"mb": mb})
    # A value may be half a second old, so later calls are asked.
    peak = until(lambda: next((one for one in tail(made, {"mb": 0}) if one >= base + mb - 2), None), "the peak")
    assert peak < base + mb + 60


def test_reserved_addresses_do_not_count(service):
    """Many runtimes reserve far more addresses than they will ever use."""
    made = service(f={"memorySize": 128, "code": python("""
import mmap, time
def handler(event, headers):
    reserved = mmap.mmap(-1, 8 << 30)
    time.sleep(0.2)
    return len(reserved)
serve(handler)
""")})
    assert made.call("f").json == 8 << 30


BUSY = python("""
import time
def handler(event, headers):
    start, used = time.monotonic(), time.process_time()
    while time.process_time() - used < event["cpu"]:
        pass
    return time.monotonic() - start
serve(handler)
""")


def test_processor_time_follows_memory(service):
    """With 128 MB, a quarter of a second of work takes at least 2.5: 1,769 MB would be one processor. An emulator that
    gets no processor itself may see the work too late, but not each time."""
    made = service(f={"code": BUSY, "memorySize": 128}, options=["--cpu-share"])
    assert any(made.call("f", {"cpu": 0.25}).json > 2.5 for _ in range(5))


def test_processor_time_is_not_limited_by_itself(service):
    made = service(f={"code": BUSY, "memorySize": 128})
    # A quarter of what the share would make of it. A machine so busy that this needs as long is not so each time.
    assert any(made.call("f", {"cpu": 0.5}).json < 5 for _ in range(10))


def test_waiting_costs_no_share(service):
    made = service(f={"memorySize": 128, "code": python("""
import time
def handler(event, headers):
    start = time.monotonic()
    for _ in range(10):
        time.sleep(0.1)
    return time.monotonic() - start
serve(handler)
""")}, options=["--cpu-share"])
    # A second of waiting would be stretched to 14, were it counted as work.
    assert made.call("f").json < 7


def test_a_stopped_share_does_not_outlive_its_invocation(service):
    made = service(f={"code": BUSY, "memorySize": 256, "timeout": 2}, options=["--cpu-share"])
    assert "Task timed out after 2.00 seconds" in made.call("f", {"cpu": 60}).json["errorMessage"]
    until(lambda: made.call("f", {"cpu": 0}).error is None, "an answer in so short a time")
