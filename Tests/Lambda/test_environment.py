"""What a function finds around it: variables, files, limits, and nothing of the machine."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

import pytest
from running import EMULATOR

from .bootstraps import manifest, python, shell
from .conftest import written

# provided.al2023 as recorded on AWS, plus the address of the emulator's services.
DOCUMENTED = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "LANG", "TZ",
    "_HANDLER", "PATH", "LD_LIBRARY_PATH",
}
ADDED = {"AWS_ENDPOINT_URL"}


@pytest.fixture(scope="module")
def variables(scripts):
    found = scripts.value("result = dict(os.environ)")
    # Python sets this one itself when it finds no locale.
    found.pop("LC_CTYPE", None)
    return found


def test_the_variables_are_exactly_the_documented_ones(variables):
    assert set(variables) == DOCUMENTED | ADDED


@pytest.mark.parametrize("name, value", [
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "script"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/script"),
    ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
    ("AWS_XRAY_DAEMON_ADDRESS", r"[\d.]+:2000"),
    ("_AWS_XRAY_DAEMON_ADDRESS", r"[\d.]+"),
    ("_AWS_XRAY_DAEMON_PORT", "2000"),
    ("LAMBDA_TASK_ROOT", "/var/task"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("LANG", r"en_US\.UTF-8"),
    ("TZ", ":UTC"),
    ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ("LD_LIBRARY_PATH",
     "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"),
    ("AWS_LAMBDA_RUNTIME_API", r"127\.0\.0\.1:\d+"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}"),
])
def test_a_variable_has_lambdas_value(variables, name, value):
    assert re.fullmatch(value.replace("$LATEST", r"\$LATEST").replace(r"\\$", r"\$"), variables[name])


@pytest.mark.parametrize("name", ["AWS_EXECUTION_ENV", "_X_AMZN_TRACE_ID", "AWS_LAMBDA_MAX_CONCURRENCY",
                                  "AWS_LAMBDA_LOG_FORMAT", "HOME", "TMPDIR", "USER"])
def test_a_custom_runtime_is_not_given(variables, name):
    assert name not in variables


def test_nothing_of_the_machines_environment_comes_along(service):
    made = service(f=python("serve(lambda event, headers: dict(os.environ))"), env={"LEAK": "secret", "AWS_PROFILE": "p"})
    found = made.call("f").json
    assert "LEAK" not in found and "AWS_PROFILE" not in found


def test_own_variables_are_given_literally(service):
    made = service(f={
        "code": python("serve(lambda event, headers: dict(os.environ))"),
        "environment": {"ONE": "$HOME ${PATH} `id`", "TWO": "grüße\nzwei", "TZ": "Asia/Tokyo", "LANG": "C"}})
    found = made.call("f").json
    assert found["ONE"] == "$HOME ${PATH} `id`" and found["TWO"] == "grüße\nzwei"
    assert found["TZ"] == "Asia/Tokyo" and found["LANG"] == "C"


@pytest.mark.parametrize("name", ["AWS_REGION", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API"])
def test_reserved_names_keep_lambdas_value(service, name):
    made = service(f={"code": python("serve(lambda event, headers: dict(os.environ))"), "environment": {name: "forged"}})
    assert made.call("f").json[name] != "forged"


# Files

def test_the_working_folder_is_the_code(scripts):
    assert scripts.value("result = os.getcwd()") == "/var/task"


def test_the_code_is_seen_below_var_task(scripts):
    assert "bootstrap" in scripts.value("result = os.listdir('/var/task')")


@pytest.mark.parametrize("path", ["/var/task/new", "/new", "/opt/new", "/usr/new", "/etc/new", "/var/new", "/dev/new"])
def test_nothing_but_tmp_can_be_written(scripts, path):
    words = scripts.value(f"""
        try:
            open({path!r}, "w").close()
            result = "written"
        except OSError as problem:
            result = problem.strerror
    """)
    assert words in ("Read-only file system", "Permission denied")


def test_the_code_cannot_be_changed_by_its_owner(scripts):
    assert "Read-only" in scripts.value("""
        try:
            os.chmod("/var/task/bootstrap", 0o777)
            result = "changed"
        except OSError as problem:
            result = problem.strerror
    """)


def test_tmp_is_anybodys(scripts):
    assert scripts.value("result = oct(os.stat('/tmp').st_mode & 0o7777)") == "0o1777"


def test_tmp_is_empty_at_first_and_kept_while_warm(service):
    made = service(f=python("""
def handler(event, headers):
    before = os.listdir("/tmp")
    open("/tmp/kept", "w").close()
    return before
serve(handler)
"""))
    assert made.call("f").json == []
    assert made.call("f").json == ["kept"]


def test_tmp_is_bounded(service):
    made = service(f={"ephemeralStorage": 600, "code": python("""
def handler(event, headers):
    space = os.statvfs("/tmp")
    return space.f_blocks * space.f_frsize
serve(handler)
""")})
    assert made.call("f").json == 600 * 1024 * 1024


def test_environments_do_not_share_tmp(service):
    made = service(
        one=python("serve(lambda event, headers: open('/tmp/x', 'w').close())"),
        two=python("serve(lambda event, headers: os.path.exists('/tmp/x'))"))
    made.call("one")
    assert made.call("two").json is False


def test_tmp_survives_a_crash(service):
    made = service(f=python("""
def handler(event, headers):
    if event == "crash":
        open("/tmp/kept", "w").close()
        os._exit(1)
    return os.listdir("/tmp")
serve(handler)
"""))
    assert made.call("f", "crash").error == "Unhandled"
    assert made.call("f", "look").json == ["kept"]


@pytest.mark.parametrize("path", ["/home", "/root", "/run/docker.sock", "/mnt", "/srv", "/var/lib", "/var/log"])
def test_the_machines_own_places_are_not_seen(scripts, path):
    assert scripts.value(f"result = os.path.exists({path!r})") is False


def test_the_machines_tmp_is_not_seen(scripts, tmp_path):
    assert os.path.exists(tmp_path)
    assert scripts.value(f"result = os.path.exists({str(tmp_path)!r})") is False


def test_opt_is_empty_without_layers(scripts):
    assert scripts.value("result = os.listdir('/opt')") == []


def test_a_program_of_the_manifest_is_seen_alone(service, tmp_path):
    program = tmp_path / "tool"
    program.write_text(python("serve(lambda event, headers: os.listdir('/var/task'))"))
    program.chmod(0o755)
    (tmp_path / "secret").write_text("not packaged")
    made = service(f={"executable": str(program)})
    assert made.call("f").json == ["bootstrap"]


def test_the_clock_is_utc(scripts):
    assert scripts.value("import time; result = time.strftime('%Z')") == "UTC"


@pytest.mark.parametrize("device", ["null", "zero", "random", "urandom", "stdin", "stdout", "stderr", "fd"])
def test_usual_devices_are_there(scripts, device):
    assert scripts.value(f"result = os.path.exists('/dev/{device}')") is True


def test_a_shell_writes_to_its_standard_error_by_name(service):
    made = service(f=shell("""
echo by name > /dev/stderr
exit 3"""))
    made.call("f")
    written(made, "f", "by name\n")


# Limits and privileges

@pytest.mark.parametrize("name, limit", [("NOFILE", 1024), ("STACK", 8 << 20), ("CORE", 0), ("MEMLOCK", 65536)])
def test_limits_are_lambdas(scripts, name, limit):
    assert scripts.value(f"import resource; result = resource.getrlimit(resource.RLIMIT_{name})") == [limit, limit]


@pytest.mark.parametrize("field, value", [("NoNewPrivs", "1"), ("CapEff", "0000000000000000"),
                                          ("CapPrm", "0000000000000000")])
def test_there_are_no_privileges(scripts, field, value):
    status = scripts.value("result = open('/proc/self/status').read()")
    assert re.search(rf"^{field}:\s*(\S+)", status, re.MULTILINE)[1] == value


def test_the_user_is_nobody_special(scripts):
    assert scripts.value("result = [os.getuid(), os.getgid()]") == [993, 990]


def test_the_umask_is_usual(scripts):
    assert scripts.value("result = os.umask(0o22)") == 0o22


def test_no_descriptor_is_inherited(scripts):
    """Beside standard streams, the runtime's connection and the listing itself."""
    found = scripts.value("""
        result = [os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd")
                  if int(name) > 2 and os.path.exists("/proc/self/fd/" + name)]
    """)
    assert all(target.startswith("socket:") or "/proc/" in target for target in found), found
    assert sum(target.startswith("socket:") for target in found) <= 1


def test_the_standard_input_is_empty(scripts):
    assert scripts.value("import sys; result = sys.stdin.read()") == ""


def test_the_loopback_network_works(scripts):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    port = listener.getsockname()[1]
    scripts.value(f"import socket; socket.create_connection(('127.0.0.1', {port})).close()")
    listener.accept()[0].close()
    listener.close()


def test_what_is_not_isolated_is_said(service):
    made = service(f=python(), options=["--isolation", "none"])
    assert any("this machine's files" in note for note in made.emulator.ready["isolation"])


def test_a_shared_folder_is_seen_where_it_is(service, tmp_path):
    shared = tempfile.mkdtemp(dir=os.path.expanduser("~"))
    try:
        with open(os.path.join(shared, "file"), "w") as file:
            file.write("seen")
        made = service(
            f=python("serve(lambda path, headers: [open(path + '/file').read(), os.access(path, os.W_OK)])"),
            options=["--share", f"{shared}:/usr"])
        assert made.call("f", shared).json == ["seen", False]
    finally:
        shutil.rmtree(shared)


def test_a_shared_folder_has_to_be_there(tmp_path):
    path = manifest(tmp_path, {})
    done = subprocess.run(
        [EMULATOR, "start", "--share", "/no/such", "--manifest", path, "--data", str(tmp_path / "data")],
        capture_output=True, text=True)
    assert done.returncode == 64 and "/no/such, which is not a folder" in done.stderr


def test_without_isolation_functions_work_all_the_same(service, tmp_path):
    made = service(f=python("""
def handler(event, headers):
    open(os.environ["TMPDIR"] + "/x", "w").close()
    return [os.getcwd(), os.environ["LAMBDA_TASK_ROOT"], os.path.exists(event)]
serve(handler)
"""), options=["--isolation", "none"])
    cwd, root, sees = made.call("f", str(tmp_path)).json
    assert cwd == root == os.path.dirname(json.load(open(made.manifest))["functions"]["f"]["executable"])
    assert sees


def test_other_processes_cannot_be_read(service):
    made = service(f=python("""
def handler(pid, headers):
    try:
        return open(f"/proc/{pid}/environ").read() and "read"
    except OSError as problem:
        return problem.strerror
serve(handler)
"""), env={"LEAK": "secret"})
    if any("environment" in note for note in made.emulator.ready["isolation"]):
        pytest.skip("this kernel has neither lists of processes for ordinary users nor Landlock")
    assert made.call("f", made.emulator.process.pid).json in ["No such file or directory", "Permission denied"]


def test_other_processes_cannot_be_signalled(service):
    made = service(f=python("""
def handler(pid, headers):
    try:
        os.kill(pid, 0)
        return "sent"
    except OSError as problem:
        return problem.strerror
serve(handler)
"""))
    if made.emulator.ready["isolation"]:
        pytest.skip("this kernel cannot keep signals")
    assert made.call("f", made.emulator.process.pid).json in ["No such process", "Operation not permitted"]


def test_an_unknown_isolation_is_refused(tmp_path):
    path = manifest(tmp_path, {})
    done = subprocess.run(
        [EMULATOR, "start", "--isolation", "some", "--manifest", path, "--data", str(tmp_path / "data")],
        capture_output=True, text=True)
    assert done.returncode == 64
    assert "--isolation has to be full or none, not 'some'" in done.stderr
