"""Functions made by requests outlive restarts, crashes and snapshots; tools of others use them."""

import json
import os
import subprocess
import sys

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from running import BINARIES, until

from . import bootstraps
from .conftest import ROLE, error_of
from .functions import answering, arguments, digest

EMULATOR = os.path.join(BINARIES, "emulator")


def command(made, *words):
    return subprocess.run(
        [EMULATOR, *words, "--data", str(made.folder / "data")], capture_output=True, text=True, timeout=120)


def fill(client):
    """A function with everything that can be set."""
    layer = client.publish_layer_version(
        LayerName="l", Content={"ZipFile": bootstraps.zipped({"note": "x"})})["LayerVersionArn"]
    client.create_function(**arguments(
        "f", Code={"ZipFile": answering("1")}, Publish=True, Layers=[layer], Tags={"t": "u"},
        Environment={"Variables": {"AB": "c"}}))
    client.update_function_code(FunctionName="f", ZipFile=answering("2"))
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=5)
    client.create_function_url_config(FunctionName="f", AuthType="NONE", Cors={"MaxAge": 3})
    client.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="*")
    client.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")


def everything(client):
    """All that the answers tell of functions and layers, but for addresses, which have ports."""
    function = client.get_function(FunctionName="f")
    url = client.get_function_url_config(FunctionName="f")
    answers = [
        function["Configuration"], function["Tags"], function["Concurrency"],
        client.list_versions_by_function(FunctionName="f")["Versions"],
        client.list_aliases(FunctionName="f")["Aliases"], client.get_policy(FunctionName="f")["Policy"],
        client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"],
        client.list_layer_versions(LayerName="l")["LayerVersions"],
        {key: url[key] for key in url if key not in ("FunctionUrl", "ResponseMetadata")},
        url["FunctionUrl"].split(".")[0],
    ]
    return json.dumps(answers, default=str)


def works(made):
    assert made.call("f").json == "2"
    assert made.call("f", Qualifier="live").json == "1"


@pytest.mark.parametrize("kill", [False, True])
def test_everything_survives_a_restart(service, kill):
    made = service()
    fill(made.client)
    before = everything(made.client)
    works(made)
    made.restart(kill=kill)
    assert everything(made.client) == before
    works(made)


def test_what_was_deleted_stays_deleted(service):
    made = service()
    fill(made.client)
    made.client.delete_function(FunctionName="f")
    made.client.delete_layer_version(LayerName="l", VersionNumber=1)
    made.restart()
    assert made.client.list_functions()["Functions"] == []
    assert made.client.list_layers()["Layers"] == []


@pytest.mark.parametrize("kill", [False, True])
def test_what_was_configured_goes_with_the_function(service, kill):
    made = service()
    fill(made.client)
    made.client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    made.client.put_function_event_invoke_config(FunctionName="f", Qualifier="live", MaximumRetryAttempts=0)
    made.client.delete_function(FunctionName="f")
    made.restart(kill=kill)
    fill(made.client)
    assert made.client.list_function_event_invoke_configs(FunctionName="f")["FunctionEventInvokeConfigs"] == []


def test_a_function_that_the_manifest_hides_comes_back(service):
    made = service()
    fill(made.client)
    before = everything(made.client)
    empty, other = made.manifest, made.folder / "other"
    other.mkdir()
    made.manifest = bootstraps.manifest(other, {"f": bootstraps.python("serve(lambda event, headers: 'declared')")})
    made.restart()
    assert made.call("f").json == "declared"
    made.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=7)
    declared = made.manifest
    made.manifest = empty
    made.restart(kill=True)
    assert everything(made.client) == before
    works(made)
    made.manifest = declared
    made.restart()
    assert made.client.get_function_concurrency(FunctionName="f")["ReservedConcurrentExecutions"] == 7


def test_a_sound_folder_is_found_sound(service):
    made = service()
    fill(made.client)
    made.client.publish_layer_version(LayerName="l", Content={"ZipFile": bootstraps.zipped({"n": "y"})})
    made.client.create_function(**arguments("gone"))
    made.client.delete_function(FunctionName="gone")
    made.emulator.stop()
    found = command(made, "verify", "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    [check] = [check for check in json.loads(found.stdout)["checks"] if check["name"] == "functions"]
    assert check["faults"] == 0 and check["entries"] >= 6


def test_a_damaged_zip_is_found(service):
    made = service()
    made.client.create_function(**arguments("f"))
    made.emulator.stop()
    [blob] = [path for path in (made.folder / "data" / "store" / "blobs").rglob("*") if path.is_file()]
    content = bytearray(blob.read_bytes())
    content[100] ^= 1
    blob.write_bytes(content)
    found = command(made, "verify")
    assert found.returncode == 1 and "does not match its digest" in found.stdout


@pytest.mark.parametrize("occurrence", [2, 5])
@pytest.mark.parametrize("point", ["blobSync", "blobRename", "blobFolderSync", "commitWrite", "commitAcknowledge"])
def test_dying_at_a_step_tears_nothing(service, point, occurrence):
    made = service(options=("--fault", f"{point}:{occurrence}"))
    kept = []
    try:
        for number in range(20):
            name = f"f{number}"
            made.client.create_function(**arguments(name, Code={"ZipFile": answering(name)}))
            kept.append(name)
    except (BotoCoreError, ClientError):
        pass
    assert made.emulator.process.wait(timeout=60) == -9
    made.options = ()
    made.start()
    listed = [f["FunctionName"] for f in made.client.list_functions()["Functions"]]
    assert set(kept) <= set(listed) <= {*kept, f"f{len(kept)}"}
    assert all(made.call(name).json == name for name in listed)
    made.emulator.stop()
    found = command(made, "verify")
    assert found.returncode == 0, found.stdout


def test_snapshots_hold_functions(service):
    made = service()
    fill(made.client)
    before = everything(made.client)
    assert command(made, "snapshot", "save", "s").returncode == 0
    made.client.update_function_code(FunctionName="f", ZipFile=answering("3"))
    made.client.create_function(**arguments("later"))
    assert made.call("f").json == "3"
    assert command(made, "snapshot", "load", "s").returncode == 0
    assert everything(made.client) == before
    works(made)
    assert error_of(made.client, lambda c: c.invoke(FunctionName="later")).status == 404


def test_a_reset_takes_functions_away(service):
    made = service(declared=bootstraps.python())
    fill(made.client)
    works(made)
    assert command(made, "reset", "--yes").returncode == 0 or command(made, "reset").returncode == 0
    assert [f["FunctionName"] for f in made.client.list_functions()["Functions"]] == ["declared"]
    assert error_of(made.client, lambda c: c.invoke(FunctionName="f")).status == 404
    assert made.call("declared", 1).json == 1


def test_aws_own_command_line_makes_functions(service, tmp_path):
    made = service()
    package = tmp_path / "code.zip"
    package.write_bytes(answering("by the command line"))
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": made.emulator.aws, "AWS_PAGER": ""}

    def aws(*words):
        program = os.path.join(os.path.dirname(sys.executable), "aws")
        done = subprocess.run([program, "lambda", *words], capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    made_function = json.loads(aws(
        "create-function", "--function-name", "f", "--runtime", "provided.al2023", "--handler", "bootstrap",
        "--role", ROLE, "--zip-file", f"fileb://{package}"))
    assert made_function["CodeSha256"] == digest(package.read_bytes())
    aws("wait", "function-active-v2", "--function-name", "f")
    answer = tmp_path / "answer"
    aws("invoke", "--function-name", "f", str(answer))
    assert json.loads(answer.read_text()) == "by the command line"
    aws("delete-function", "--function-name", "f")


def test_functions_made_by_requests_find_the_emulator(service):
    made = service()
    code = bootstraps.code_zip(bootstraps.python(
        'import os\nserve(lambda event, headers: os.environ["AWS_ENDPOINT_URL"])'))
    made.client.create_function(**arguments("f", Code={"ZipFile": code}))
    made.client.create_function(**arguments("own", Code={"ZipFile": code}, Environment={
        "Variables": {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}}))
    assert made.call("f").json.endswith(":" + made.emulator.aws.rsplit(":", 1)[1])
    assert made.call("own").json == "http://127.0.0.1:9"


def test_logs_of_deleted_functions_are_closed(service):
    made = service()

    def open_logs():
        folder = f"/proc/{made.emulator.process.pid}/fd"
        found = []
        for number in os.listdir(folder):
            try:
                found.append(os.readlink(f"{folder}/{number}"))
            except FileNotFoundError:
                pass
        return [path for path in found if "/logs/" in path]

    for number in range(5):
        made.client.create_function(**arguments(f"f{number}", Code={"ZipFile": answering("x")}))
        assert made.call(f"f{number}").json == "x"
        made.client.delete_function(FunctionName=f"f{number}")
    until(lambda: not open_logs(), "the logs are closed")
    assert "START RequestId" in made.log("f4")
