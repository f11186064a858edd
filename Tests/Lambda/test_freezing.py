"""Between invocations nothing of a function runs; and it sees no processes but its own."""

import os
import time

import pytest
from running import until

from .bootstraps import python, shell

# Its event: how many ticks a call waits for.
TICKING = {"reservedConcurrency": 1, "code": python("""
import threading, time
ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
def handler(event, headers):
    begun, end = ticks, time.monotonic() + 50
    while ticks < begun + (event or 0) and time.monotonic() < end:
        time.sleep(0.01)
    return ticks
serve(handler)
""")}
CHILD = python("""
import subprocess, sys
code = "import os, sys, time\\n%swhile True:\\n time.sleep(0.01)\\n open('/tmp/ticks', 'a').write('x')"
child = None
def handler(event, headers):
    global child
    if event and not child:
        child = subprocess.Popen([sys.executable, "-IS", "-c", code % event])
    while not os.path.exists("/tmp/ticks"):
        pass
    return os.path.getsize("/tmp/ticks")
serve(handler)
""")


def states(made):
    """What the kernel says of the emulator's children, but for those that keep things: a letter each."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                command, rest = file.read().split("(", 1)[1].rsplit(") ", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == made.emulator.process.pid and command not in ("sh", "cat"):
            found.append(rest[0])
    return found


def frozen(made):
    until(lambda: set(states(made)) == {"T"}, "processes that are stopped")


def ticks_beyond_its_time(made):
    """How many of its hundred ticks a second a function made during a second in which all was frozen. On a machine of
    any speed: all the time outside of that second counts in its favour."""
    began = time.monotonic()
    before = made.call("f").json
    frozen(made)
    time.sleep(1)
    after = made.call("f").json
    return after - before - 100 * (time.monotonic() - began - 1)


def test_threads_stop_between_invocations(service):
    made = service(f=TICKING)
    made.call("f")
    frozen(made)
    assert ticks_beyond_its_time(made) < 10


def test_threads_run_during_an_invocation(service):
    made = service(f=TICKING)
    made.call("f")
    frozen(made)
    before = made.call("f").json
    assert made.call("f", 6).json > before + 5


@pytest.mark.parametrize("way", ["", "os.setsid()\n", "os.fork() and os._exit(0)\nos.setsid()\n"], ids=[
    "child", "child-of-its-own-session", "orphan"])
def test_what_it_has_started_stops_with_it(service, way):
    made = service(f=CHILD)
    if way.startswith("os.fork") and made.emulator.ready["isolation"]:
        pytest.skip("orphans are not found without a list of processes of its own")
    made.call("f", way or "pass\n")
    frozen(made)
    assert ticks_beyond_its_time(made) < 10


def test_a_frozen_function_answers_many_times(service):
    made = service(f=TICKING)
    for _ in range(5):
        made.call("f")
        frozen(made)
    assert "between two invocations" not in made.log("f")


def test_the_deadline_counts_from_the_thaw(service):
    made = service(f={**TICKING, "timeout": 4})
    assert made.call("f").error is None
    frozen(made)
    time.sleep(4.5)
    assert made.call("f", 1).error is None


def test_shells_are_frozen_and_go_on(service):
    made = service(f=shell("""
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
    id=$(curl -sSi "$api/next" | grep -Fi Lambda-Runtime-Aws-Request-Id | tr -d '[:space:]' | cut -d: -f2)
    curl -sS -d "$$" "$api/$id/response"
done
"""))
    first = made.call("f").json
    frozen(made)
    assert made.call("f").json == first


def test_provisioned_environments_are_frozen_too(service):
    made = service(f={**TICKING, "provisionedConcurrency": 1})
    frozen(made)
    assert made.call("f").error is None


@pytest.mark.parametrize("function, options", [
    ({"freeze": False}, []), ({}, ["--no-freeze"]), ({"concurrencyPerEnvironment": 2, "reservedConcurrency": 2}, []),
], ids=["manifest", "option", "several-calls"])
def test_freezing_can_be_left_out(service, function, options):
    made = service(f={**TICKING, **function}, options=options)
    before = made.call("f").json
    until(lambda: made.call("f").json > before, "ticks")
    time.sleep(0.5)
    assert "T" not in states(made)


def test_extensions_are_frozen_and_told_of_the_end(service, tmp_path):
    folder = tmp_path / "layer" / "extensions"
    folder.mkdir(parents=True)
    (folder / "agent").write_text(python("""
extension = Extension()
extension.register("INVOKE", "SHUTDOWN")
while True:
    event = extension.next().json
    say("event", event["eventType"])
    if event["eventType"] == "SHUTDOWN":
        break
"""))
    (folder / "agent").chmod(0o755)
    made = service(f={**TICKING, "layer": str(tmp_path / "layer")})

    def call():
        for _ in range(2):
            made.call("f")
            frozen(made)

    made.stop_until(call, lambda: "SHUTDOWN" in made.said("f", "event"), "the end is told")
    assert made.said("f", "event")[-3:] == ["INVOKE", "INVOKE", "SHUTDOWN"]


LISTING = python("""
def handler(event, headers):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with open(f"/proc/{name}/cmdline") as file:
            found.append([int(name), file.read().split("\\0")[0]])
    return sorted(found)
serve(handler)
""")


def test_a_function_sees_its_own_processes_alone(service):
    made = service(f=LISTING)
    if made.emulator.ready["isolation"]:
        pytest.skip("this kernel allows no list of processes of its own")
    (first, keeper), (own, program) = made.call("f").json
    assert (first, keeper) == (1, "cat") and own > 1 and "python" in program


def test_extensions_and_the_function_see_each_other(service, tmp_path):
    folder = tmp_path / "layer" / "extensions"
    folder.mkdir(parents=True)
    (folder / "agent").write_text(python("""
extension = Extension()
extension.register("INVOKE")
while True:
    extension.next()
"""))
    (folder / "agent").chmod(0o755)
    made = service(f={"code": LISTING, "layer": str(tmp_path / "layer")})
    if made.emulator.ready["isolation"]:
        pytest.skip("this kernel allows no list of processes of its own")
    assert len(made.call("f").json) == 3


def test_an_environment_whose_keeper_was_killed_is_made_anew(service):
    made = service(f=TICKING)
    if made.emulator.ready["isolation"]:
        pytest.skip("this kernel allows no list of processes of its own")
    made.call("f")
    frozen(made)
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                command, rest = file.read().split("(", 1)[1].rsplit(") ", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == made.emulator.process.pid and command == "cat":
            os.kill(int(name), 9)
    until(lambda: "between two invocations" in made.log("f"), "the end of the process")
    assert made.call("f").error is None
    assert made.call("f").error is None


def test_nothing_is_left_of_a_frozen_function_when_the_emulator_is_killed(service):
    made = service(f=CHILD)
    made.call("f", "os.setsid()\n")
    frozen(made)
    children = [name for name in filter(str.isdigit, os.listdir("/proc")) if of(name, made.emulator.process.pid)]
    assert children
    made.emulator.kill()
    until(lambda: not any(os.path.exists(f"/proc/{name}") for name in children), "the end of all processes")


def of(name, parent):
    try:
        with open(f"/proc/{name}/stat") as file:
            return int(file.read().rsplit(") ", 1)[1].split()[1]) == parent
    except OSError:
        return False
