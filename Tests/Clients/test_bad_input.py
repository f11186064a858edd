"""What goes wrong outside of our code ends in one clear sentence and a fitting exit code."""

import json
import os
import shutil
import socket
import stat
import subprocess

import pytest
from botocore.exceptions import BotoCoreError, ClientError

import journey
from running import BINARIES, EMULATOR, MANIFEST, clean, until


def emulator(*arguments, code, text=None, cwd=None):
    """Runs a command to its end; returns standard error and output."""
    result = subprocess.run(
        [EMULATOR, *map(str, arguments)], capture_output=True, text=True, env=clean(), input=text, timeout=60,
        cwd=cwd)
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result.stderr if code else result.stdout


def starting(tmp_path, *more, manifest=MANIFEST, code, data=None):
    return emulator(
        "start", "--manifest", manifest, "--data", data or tmp_path / "data", "--port", 0, "--aws-port", 0,
        "--bin", BINARIES, *more, code=code)


def one_sentence(text, *parts):
    lines = [line for line in text.splitlines() if line]
    assert len(lines) == 1, text
    for part in parts:
        assert str(part) in text, text


def edited(tmp_path, edit):
    with open(MANIFEST) as file:
        text = file.read()
    path = tmp_path / "manifest.json"
    path.write_text(edit(text))
    return path


def test_manifest_that_is_no_json(tmp_path):
    path = edited(tmp_path, lambda text: text.replace(":", "", 1))
    one_sentence(starting(tmp_path, manifest=path, code=65), f"{path}:", "not JSON")


def test_manifest_with_an_unknown_function(tmp_path):
    path = edited(tmp_path, lambda text: text.replace('"function": "health"', '"function": "helth"', 1))
    one_sentence(starting(tmp_path, manifest=path, code=65), f"{path}:", "did you mean 'health'")


def test_manifest_is_missing(tmp_path):
    one_sentence(starting(tmp_path, manifest=tmp_path / "none.json", code=66), "none.json", "--manifest")


def test_port_in_use(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        one_sentence(
            emulator("start", "--manifest", MANIFEST, "--data", tmp_path / "d", "--bin", BINARIES, "--port", port,
                     "--aws-port", 0, code=69), port)


def test_data_folder_cannot_be_made(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    one_sentence(starting(tmp_path, data=blocker / "data", code=73), "data", "--data")


def test_data_folder_of_a_newer_version(tmp_path, start):
    start(folder=tmp_path / "data").stop()
    path = tmp_path / "data/store/FORMAT"
    path.write_text(path.read_text().split()[0] + " 999\n")
    one_sentence(starting(tmp_path, code=65), "999")


def test_data_folder_in_use(tmp_path, start):
    start(folder=tmp_path / "data")
    one_sentence(starting(tmp_path, code=75), "data")


def test_binary_is_missing(tmp_path):
    one_sentence(starting(tmp_path, "--bin", tmp_path, code=66), "health", "--bin", "make build")


def test_binary_that_crashes_at_init(tmp_path, start):
    binaries = tmp_path / "bin"
    shutil.copytree(BINARIES, binaries, symlinks=True, ignore=lambda folder, names: [
        name for name in names if name not in ("emulator", "health", "audioUpload", "speechToText",
                                               "generateImage", "weather", "gallery", "counter")])
    health = binaries / "health"
    health.unlink()
    health.write_text("#!/bin/sh\necho broken at start >&2\nexit 3\n")
    health.chmod(health.stat().st_mode | stat.S_IXUSR)
    running = start("--bin", str(binaries))
    answer = journey.call("GET", running.gateway + "/api/v1/health")
    assert (answer.status, answer.json()) == (500, {"message": "Internal Server Error"})
    log = (tmp_path / "data/logs/health.log").read_text()
    assert "broken at start" in log and "exit status 3" in log
    assert journey.call("GET", running.gateway + "/api/v1/weather?lat=1&lon=1").status == 200


def test_disk_full_loses_nothing(tmp_path, start):
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)],
                      capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        running = start(folder=folder / "data")
        s3 = running.client("s3")
        kept = 0
        with pytest.raises(Exception) as caught:
            for number in range(100):
                s3.put_object(Bucket="mumble-media", Key=f"k{number}", Body=bytes([number]) * (1 << 20))
                kept = number + 1
        assert "500" in str(caught.value) or "503" in str(caught.value) or "Internal" in str(caught.value)
        assert kept > 5
        for number in range(kept):
            got = s3.get_object(Bucket="mumble-media", Key=f"k{number}")["Body"].read()
            assert got == bytes([number]) * (1 << 20)
        for number in range(kept // 2):
            s3.delete_object(Bucket="mumble-media", Key=f"k{number}")

        def takes_more():
            try:
                return s3.put_object(Bucket="mumble-media", Key="after", Body=b"space again" * 10_000)
            except (BotoCoreError, ClientError):
                return None

        until(takes_more, "space again")
        running.stop()
        emulator("verify", "--data", folder / "data", code=0)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("arguments,code,part", [
    (["strat"], 64, "Did you mean 'start'"), (["start", "--prot", "1"], 64, "Did you mean --port"),
    (["start", "--port", "x"], 64, "whole number"), (["invoke"], 64, "NAME is missing"),
    (["invoke", "helth", "--manifest", MANIFEST], 66, "Did you mean 'health'"),
    (["logs", "health", "--data", "/nonexistent"], 66, "no log"),
    (["verify", "--data", "/nonexistent"], 66, "holds no data"),
    (["routes", "--match", "nonsense", "--manifest", MANIFEST], 64, "--match"),
    (["package", "nothing", "--manifest", MANIFEST], 66, "no function 'nothing'"),
])
def test_wrong_usage(arguments, code, part):
    one_sentence(emulator(*arguments, code=code), part)


@pytest.mark.parametrize("command", ["", "start", "invoke", "routes", "logs", "package", "verify"])
def test_help(command):
    text = emulator(*([command] if command else []), "--help", code=0)
    assert "USAGE" in text and max(map(len, text.splitlines())) <= 120


def test_handler_started_alone_says_how_to_run_it():
    result = subprocess.run([os.path.join(BINARIES, "health")], capture_output=True, text=True, env={})
    assert result.returncode == 64 and "emulator invoke" in result.stderr


def test_invoke_without_and_with_a_running_emulator(tmp_path, start):
    event = os.path.join(os.path.dirname(MANIFEST), "Tests/Functions/Health/Events/shallow.json")
    common = ["--manifest", MANIFEST, "--bin", BINARIES, "--data", tmp_path / "data", "--json"]
    alone = json.loads(emulator("invoke", "health", *common, "--event", event, code=0))
    assert alone["ok"] and alone["payload"]["statusCode"] == 200 and "REPORT RequestId" in alone["log"]
    start(folder=tmp_path / "data")
    beside = json.loads(emulator("invoke", "health", *common, "--event", event, code=0))
    assert beside["ok"] and beside["payload"]["statusCode"] == 200
    failed = subprocess.run(
        [EMULATOR, "invoke", "health", *map(str, common), "--event", "-"], input="[]", capture_output=True,
        text=True, env=clean())
    assert failed.returncode == 1 and json.loads(failed.stdout)["functionError"] == "Unhandled"
    bad = subprocess.run(
        [EMULATOR, "invoke", "health", *map(str, common), "--event", "-"], input="{", capture_output=True,
        text=True, env=clean())
    assert bad.returncode == 65 and "not JSON" in bad.stderr


def test_routes_and_logs(tmp_path, start):
    rows = json.loads(emulator("routes", "--manifest", MANIFEST, "--json", code=0))
    assert {"api": "mumblelocal", "type": "HTTP", "route": "GET /api/v1/health", "function": "health"} in rows
    told = emulator("routes", "--manifest", MANIFEST, "--match", "GET /api/v1/gallery/1", code=0)
    assert "gallery" in told
    running = start(folder=tmp_path / "data")
    journey.call("GET", running.gateway + "/api/v1/health")

    def is_logged():
        log = emulator("logs", "health", "--data", tmp_path / "data", code=0)
        return "START RequestId" in log and "REPORT RequestId" in log

    until(is_logged, "a log of the call")
    follower = subprocess.Popen(
        [EMULATOR, "logs", "health", "--data", str(tmp_path / "data"), "--follow", "--lines", "0"],
        stdout=subprocess.PIPE)
    os.set_blocking(follower.stdout.fileno(), False)

    def is_followed():
        journey.call("GET", running.gateway + "/api/v1/health")
        return b"START RequestId" in (follower.stdout.read() or b"")

    until(is_followed, "a line of a later call")
    follower.kill()
    follower.wait()
    follower.stdout.close()
