"""A bootstrap that cannot be run, and one that ends: what the caller is told."""

import os
import re
import struct

import pytest
from running import until

from .bootstraps import python, shell, zipped
from .conftest import Service, call, written

MISSING = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"


def foreign(machine=2):
    """The head of an ELF file for a SPARC."""
    return b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + struct.pack("<HH", 2, machine) + bytes(64)


def program(folder, content, mode):
    path = folder / "tool"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def told(result, kind, words):
    assert result.error == "Unhandled"
    assert result.payload.decode() == (
        f'{{"errorType":"{kind}","errorMessage":"RequestId: {result.request_id} Error: {words}"}}')


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """A service with functions that each run a program that tests put into its place."""
    folder = tmp_path_factory.mktemp("programs")
    names = [f"f{number}" for number in range(12)]
    for name in names:
        (folder / name).mkdir()
        program(folder / name, b"#!/bin/sh\n", 0o755)
    made = Service(folder, {name: {"executable": str(folder / name / "tool")} for name in names})
    yield made, folder, iter(names)
    made.emulator.stop()


BAD = [
    (b"#!/bin/sh\n", 0o644, "fork/exec /var/task/bootstrap: permission denied"),
    (b"\x01\x02\x03", 0o755, "fork/exec /var/task/bootstrap: exec format error"),
    (b"", 0o755, "fork/exec /var/task/bootstrap: exec format error"),
    (foreign(), 0o755, "fork/exec /var/task/bootstrap: exec format error"),
    (b"#!/no/such/interpreter\n", 0o755, "fork/exec /var/task/bootstrap: no such file or directory"),
]


@pytest.mark.parametrize("content, mode, words", BAD, ids=["mode", "garbage", "empty", "foreign", "interpreter"])
def test_a_bootstrap_that_cannot_run(programs, content, mode, words):
    made, folder, names = programs
    name = next(names)
    path = program(folder / name, content, mode)
    told(made.call(name), "Runtime.InvalidEntrypoint", words)
    assert f"{path}: {words}\n" in written(made, name, words)
    # Once mended, it runs.
    program(folder / name, python().encode(), 0o755)
    assert made.call(name, {"a": 1}).json == {"a": 1}


def test_a_bootstrap_that_has_gone(programs):
    made, folder, names = programs
    name = next(names)
    os.remove(folder / name / "tool")
    told(made.call(name), "Runtime.InvalidEntrypoint", MISSING)


def test_a_folder_is_no_bootstrap(programs):
    made, folder, names = programs
    name = next(names)
    os.remove(folder / name / "tool")
    os.mkdir(folder / name / "tool")
    told(made.call(name), "Runtime.InvalidEntrypoint", MISSING)


@pytest.mark.parametrize("files, mode, words", [
    ({"other": "x"}, 0o755, MISSING),
    ({"bootstrap": "#!/bin/sh\n"}, 0o644, "fork/exec /var/task/bootstrap: permission denied"),
    ({"bootstrap": "#!/bin/sh\n"}, 0o700, "fork/exec /var/task/bootstrap: permission denied"),
    ({"bootstrap": b"\x00\x01"}, 0o755, "fork/exec /var/task/bootstrap: exec format error"),
    ({"bootstrap": foreign(183)}, 0o755, "fork/exec /var/task/bootstrap: exec format error"),
])
def test_a_zip_whose_bootstrap_cannot_run(create, lambda_client, files, mode, words):
    if os.uname().machine == "aarch64" and files.get("bootstrap") == foreign(183):
        pytest.skip("this is its machine")
    name = create(Code={"ZipFile": zipped(files, mode)})
    told(call(lambda_client, name), "Runtime.InvalidEntrypoint", words)


@pytest.fixture(scope="module")
def ending(tmp_path_factory):
    """A service whose function `warm` ends as the event says, and those of INITS while they start."""
    made = Service(tmp_path_factory.mktemp("ending"), {
        "warm": python("""
def handler(event, headers):
    if event:
        exec(event)
    return process()
serve(handler)
"""), **{name: shell(code) for name, code, _ in INITS}})
    yield made
    made.emulator.stop()


@pytest.mark.parametrize("code, words", [
    ("os._exit(0)", "Runtime exited without providing a reason"),
    ("os._exit(1)", "Runtime exited with error: exit status 1"),
    ("os._exit(127)", "Runtime exited with error: exit status 127"),
    ("os._exit(255)", "Runtime exited with error: exit status 255"),
    ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ("os.abort()", "Runtime exited with error: signal: aborted"),
    ("os.kill(os.getpid(), 15)", "Runtime exited with error: signal: terminated"),
    ("os.kill(os.getpid(), 8)", "Runtime exited with error: signal: floating point exception"),
    ("os.kill(os.getpid(), 7)", "Runtime exited with error: signal: bus error"),
])
def test_an_end_during_an_invocation(ending, code, words):
    before = ending.call("warm").json
    told(ending.call("warm", code), "Runtime.ExitError", words)
    after = ending.call("warm")
    assert after.error is None and after.json != before


INITS = [
    ("returns", "exit 0", "Runtime exited without providing a reason"),
    ("fails", "exit 1", "Runtime exited with error: exit status 1"),
    ("killed", "kill -9 $$", "Runtime exited with error: signal: killed"),
    ("lacks", "no-such-command", "Runtime exited with error: exit status 127"),
]


@pytest.mark.parametrize("name, words", [(name, words) for name, _, words in INITS])
def test_an_end_during_init_is_told_to_each_caller(ending, name, words):
    for _ in range(2):
        told(ending.call(name), "Runtime.ExitError", words)


def test_a_failed_init_is_tried_once_more_inside_the_call(service):
    made = service(f=shell("echo trying; exit 4"))
    made.call("f")
    assert written(made, "f", "REPORT RequestId").count("trying\n") == 2
    made.call("f")
    until(lambda: made.log("f").count("REPORT RequestId") == 2, "the second report")
    assert made.log("f").count("trying\n") == made.log("f").count("INIT_START") == 3


def test_a_failed_init_is_reported_by_phase(service):
    made = service(f=shell("exit 4"))
    made.call("f")
    phases = re.findall(
        r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: (\w+)\tStatus: error\tError Type: Runtime.ExitError\n",
        written(made, "f", "REPORT RequestId"))
    assert phases == ["init", "invoke"]


def test_the_body_of_an_init_error_is_the_callers(service):
    made = service(f=python("""
Runtime().fail_init({"errorMessage": "no luck", "errorType": "Bad"}, {"Lambda-Runtime-Function-Error-Type": "Runtime.Bad"})
"""))
    result = made.call("f")
    assert result.error == "Unhandled"
    assert result.json == {"errorMessage": "no luck", "errorType": "Bad"}


def test_an_init_error_without_an_exit_does_not_hang(service):
    made = service(f=python("""
import time
Runtime().fail_init({"errorMessage": "no luck", "errorType": "Bad"})
time.sleep(100)
"""))
    assert made.call("f").json["errorType"] == "Bad"


def test_an_init_that_works_at_its_second_try_is_a_success(service):
    made = service(f=python("""
if not os.path.exists("/tmp/again"):
    open("/tmp/again", "w").close()
    os._exit(1)
serve(lambda event, headers: "well")
"""))
    assert made.call("f").json == "well"
    assert "Phase: init\tStatus: error" in written(made, "f", "REPORT RequestId")


def test_what_a_process_has_started_ends_with_it(service):
    made = service(f=python("""
import subprocess
def handler(event, headers):
    if event == "crash":
        os._exit(1)
    # In a session of its own: no signal to a group reaches it.
    subprocess.Popen(["/bin/sleep", "600"], start_new_session=True)
    return len(strays())
def strays():
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.stat(f"/proc/{name}/ns/mnt").st_ino == os.stat("/proc/self/ns/mnt").st_ino:
                if b"sleep" in open(f"/proc/{name}/cmdline", "rb").read():
                    found.append(name)
        except OSError:
            pass
    return found
def look(event, headers):
    return len(strays()) if event == "look" else handler(event, headers)
serve(look)
"""))
    made.call("f", "start")
    assert made.call("f", "look").json == 1
    assert made.call("f", "crash").error
    assert made.call("f", "look").json == 0
