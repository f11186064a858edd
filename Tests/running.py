"""Emulators as processes of their own, over sockets, in temporary folders."""

import json
import os
import signal
import subprocess
import time

import boto3
from botocore.config import Config

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARIES = os.environ.get("MUMBLE_BIN", os.path.join(ROOT, ".build/release"))
EMULATOR = os.path.join(BINARIES, "emulator")
MANIFEST = os.path.join(ROOT, "serverless-manifest.json")
SPEECH = os.path.join(ROOT, "Tests/Fixtures/speech.wav")


class Emulator:
    """One emulator process; `kill` ends it as a crash would, `stop` as a user would."""

    def __init__(self, folder, *options, manifest=MANIFEST, env=None, ports=(0, 0), stderr=subprocess.PIPE):
        self.folder = str(folder)
        self.command = [
            EMULATOR, "start", "--json", "--manifest", str(manifest), "--data", self.folder,
            "--bin", BINARIES, "--port", str(ports[0]), "--aws-port", str(ports[1]), *options]
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=clean(env))
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(timeout=60)
            words = self.process.stderr.read() if self.process.stderr else "see above"
            raise RuntimeError(f"exit {self.process.returncode}: {words}")
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
        self.process.wait(timeout=60)
        self.process.stdout.close()
        if self.process.stderr:
            self.process.stderr.close()


def clean(extra=None):
    """The environment without keys of real services: tests never leave this machine."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("AWS_", "OPENAI_", "OPENWEATHER_"))}
    kept.update(extra or {})
    return kept


def is_alive(pid):
    """Whether a process runs; one that has ended and waits to be reaped, whoever is to do that, does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def avoid_midnight(seconds=60):
    """Waits until the next day of UTC has begun if that is to happen within so many seconds: for tests that count
    days."""
    left = 86_400 - time.time() % 86_400
    if left <= seconds:
        time.sleep(left + 1)


def write_manifest(folder, service):
    """A manifest without functions, in `folder`; returns its path."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "serverless-manifest.json")
    with open(path, "w") as file:
        json.dump({"service": service, "functions": {}, "httpApi": {"routes": []}}, file)
    return path


def until(condition, what, seconds=60):
    """The first true value that `condition` returns; fails when there is none in so many seconds."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.02)
    return value
