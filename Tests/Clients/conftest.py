"""Real clients against a real emulator process, over sockets, in a temporary folder."""

import os
import shutil
import sys

import boto3
import pytest
from running import ROOT, Emulator

from . import wire

sys.path.insert(0, os.path.join(ROOT, "scripts"))


@pytest.fixture(autouse=True)
def no_server_left():
    """A test that fails leaves no server of `wire` behind."""
    yield
    wire.end_all()


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
