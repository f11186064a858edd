"""Real clients against a real emulator process, over sockets, in a temporary folder."""

import json
import os
import shutil
import signal
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
BINARIES = os.environ.get("MUMBLE_BIN", os.path.join(ROOT, ".build/release"))
EMULATOR = os.path.join(BINARIES, "emulator")
MANIFEST = os.path.join(ROOT, "serverless-manifest.json")
SPEECH = os.path.join(ROOT, "Tests/Fixtures/speech.wav")


class Emulator:
    """One emulator process; `kill` ends it as a crash would, `stop` as a user would."""

    def __init__(self, folder, *options, manifest=MANIFEST, env=None, ports=(0, 0)):
        self.folder = str(folder)
        self.command = [
            EMULATOR, "start", "--json", "--manifest", str(manifest), "--data", self.folder,
            "--bin", BINARIES, "--port", str(ports[0]), "--aws-port", str(ports[1]), *options]
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(env))
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(timeout=10)
            raise RuntimeError(f"exit {self.process.returncode}: {self.process.stderr.read()}")
        self.ready = json.loads(line)
        self.gateway = self.ready["gateway"]
        self.aws = self.ready["aws"]

    def client(self, service, key="test", secret="test", **config):
        return boto3.client(
            service, endpoint_url=self.aws, region_name="us-east-1", aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 1, "mode": "standard"}, **config))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.close()

    def close(self):
        self.process.wait(timeout=20)
        self.process.stdout.close()
        self.process.stderr.close()


def clean(extra=None):
    """The environment without keys of real services: tests never leave this machine."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("AWS_", "OPENAI_", "OPENWEATHER_"))}
    kept.update(extra or {})
    return kept


@pytest.fixture(autouse=True)
def no_server_left():
    """A test that fails leaves no server of `wire` behind."""
    yield
    if "wire" in sys.modules:
        sys.modules["wire"].end_all()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    instance = Emulator(folder)
    yield instance
    instance.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(tmp_path):
    """Starts emulators that end with the test."""
    started = []

    def make(*options, folder=tmp_path / "data", **more):
        started.append(Emulator(folder, *options, **more))
        return started[-1]

    yield make
    for instance in started:
        if instance.process.poll() is None:
            instance.stop()


@pytest.fixture(scope="session")
def dynamodb(emulator):
    return emulator.client("dynamodb")


@pytest.fixture(scope="session")
def s3(emulator):
    return emulator.client("s3")


@pytest.fixture(scope="session")
def dynamodb_url(request):
    """Where the tests of libraries go; DYNAMODB_URL names another server, to judge the expectations by."""
    return os.environ.get("DYNAMODB_URL") or request.getfixturevalue("emulator").aws


@pytest.fixture(scope="session")
def aws_session(dynamodb_url):
    """boto3 as a user sets it up, with the library's own retries, checks and connections."""
    return boto3.Session("test", "test", region_name="us-east-1")
