"""What all folders share. `pytest` runs everything, `pytest Tests/S3` one folder.

Conformance, S3 and Lambda hold the same expectations on any server, AWS included:

    pytest Tests/S3                                       starts an emulator of its own
    pytest Tests/S3 --endpoint http://127.0.0.1:4566      another server
    pytest Tests/S3 --endpoint aws                        AWS in AWS_REGION, with your credentials
"""

import os
import shutil
import tempfile

import pytest
from endpoints import REGION
from running import Emulator, write_manifest


def pytest_addoption(parser):
    parser.addoption("--endpoint", default=None, help="URL of a server, or 'aws'; default: an emulator of our own")


@pytest.fixture(scope="session")
def endpoint_url(request):
    """The URL of the server to ask, None for AWS."""
    given = request.config.getoption("--endpoint")
    if given:
        yield None if given == "aws" else given
        return
    folder = tempfile.mkdtemp()
    emulator = Emulator(
        os.path.join(folder, "data"), manifest=write_manifest(folder, "conformance"),
        env={"AWS_REGION": REGION}, stderr=None)
    yield emulator.aws
    emulator.stop()
    shutil.rmtree(folder, ignore_errors=True)
