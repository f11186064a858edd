"""What becomes of a call that is not answered in time."""

import re
import time

import pytest
from running import until

from .bootstraps import python, shell
from .conftest import written

SLEEPY = python("""
import time
count = 0
def handler(event, headers):
    global count
    count += 1
    time.sleep(event or 0)
    return [process(), count]
serve(handler)
""")


def answered(made, event=None):
    """The result of a call that ends within the function's short time. On a busy machine it may not be the first."""
    return until(lambda: result if (result := made.call("f", event)).error is None else None, "an answer in time")


def timed_out(result, seconds):
    assert result.error == "Unhandled"
    assert result.payload.decode() == (
        f'{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {result.request_id} Error: '
        f'Task timed out after {seconds:.2f} seconds"}}')


@pytest.mark.parametrize("seconds", [1, 2])
def test_the_body_is_lambdas(service, seconds):
    made = service(f={"code": SLEEPY, "timeout": seconds})
    timed_out(made.call("f", 600), seconds)


def test_it_does_not_come_early(service):
    made = service(f={"code": SLEEPY, "timeout": 2})
    made.call("f", 0)
    started = time.monotonic()
    made.call("f", 600)
    assert time.monotonic() - started >= 2


def test_the_next_call_starts_anew(service):
    made = service(f={"code": SLEEPY, "timeout": 1})
    before = answered(made, 0).json
    made.call("f", 600)
    after = answered(made, 0).json
    assert after[0] != before[0] and after[1] == 1


def test_tmp_survives(service):
    made = service(f={"timeout": 1, "code": python("""
import time
def handler(event, headers):
    if event == "hang":
        open("/tmp/kept", "w").write("text")
        time.sleep(600)
    return open("/tmp/kept").read()
serve(handler)
""")})

    def kept():
        # On a busy machine it may be ended before it has written.
        made.call("f", "hang")
        result = made.call("f", "look")
        return result.json if result.error is None else None

    assert until(kept, "the file") == "text"


@pytest.mark.parametrize("code", [
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    "os.kill(os.getpid(), 19)",
    "while True: pass",
    "Runtime().next()",
], ids=["ignores-signals", "stopped", "loops", "polls-again"])
def test_whatever_it_does_instead(service, code):
    made = service(f={"timeout": 1, "code": python(f"""
import time
def handler(event, headers):
    if event == "hang":
        {code}
        time.sleep(600)
    return "well"
serve(handler)
""")})
    timed_out(made.call("f", "hang"), 1)
    assert answered(made, "go").json == "well"


def test_an_answer_that_comes_late_is_lost(service):
    made = service(f={"timeout": 1, "code": SLEEPY})
    timed_out(made.call("f", 10), 1)
    assert answered(made, 0).json[1] == 1


def test_the_log_tells_in_order(service):
    made = service(f={"timeout": 1, "code": SLEEPY})
    result = made.call("f", 600)
    log = written(made, "f", "REPORT RequestId")
    assert re.search(
        rf"START RequestId: {result.request_id} Version: \$LATEST\n"
        rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {result.request_id} Task timed out after 1.00 seconds\n\n"
        rf"END RequestId: {result.request_id}\n"
        rf"REPORT RequestId: {result.request_id}\tDuration: 1000.00 ms\tBilled Duration: \d+ ms\t.*\tStatus: timeout\t\n",
        log), log


def test_work_after_the_answer_counts(service):
    """The caller has its answer; the environment is ended all the same."""
    made = service(f={"timeout": 1, "code": python("""
import time
runtime = Runtime()
while True:
    event = runtime.next()
    runtime.respond(event.request_id, process())
    if event.json == "work on":
        time.sleep(600)
""")})
    first = answered(made, "work on")
    assert answered(made, "go").json != first.json


def test_an_init_without_end_takes_the_functions_time(service):
    """Ten seconds are the init's own; the second try runs inside the call."""
    made = service(f={"timeout": 1, "code": shell("sleep 600")})
    timed_out(made.call("f"), 1)
    phases = re.findall(r"INIT_REPORT Init Duration: (\d+)\.\d\d ms\tPhase: (\w+)\tStatus: timeout\n",
        written(made, "f", "REPORT RequestId"))
    assert [phase for _, phase in phases] == ["init", "invoke"]
    assert int(phases[0][0]) >= 10_000


def test_children_end_with_it(service):
    made = service(f={"timeout": 1, "code": python("""
import subprocess
def handler(event, headers):
    if event == "hang":
        subprocess.run(["/bin/sleep", "600"])
    own, found = os.stat("/proc/self/ns/mnt").st_ino, 0
    for name in os.listdir("/proc"):
        try:
            found += name.isdigit() and os.stat(f"/proc/{name}/ns/mnt").st_ino == own
        except OSError:
            pass
    return found
serve(handler)
""")})
    made.call("f", "hang")
    assert answered(made, "look").json == 1
