"""Functions for python3.x, run by AWS's own runtime interface client where it is installed."""

import sys

import pytest

from . import bootstraps
from .conftest import call, error_of
from .functions import arguments

HANDLER = """
import os
from helper import greet

def handle(event, context):
    if event == "fail":
        raise ValueError("as asked")
    return {"greeting": greet(event["name"]), "id": context.aws_request_id, "name": context.function_name,
            "memory": context.memory_limit_in_mb, "runtime": os.environ.get("AWS_EXECUTION_ENV")}
"""
HELPER = "def greet(name):\n    return 'hello ' + name\n"


def python_zip(**files):
    return bootstraps.zipped({"app.py": HANDLER, "helper.py": HELPER, **files}, mode=0o644)


@pytest.fixture
def made(service):
    """An emulator that finds this interpreter, with a function `py`."""
    pytest.importorskip("awslambdaric")
    made = service(env={"MUMBLE_PYTHON": sys.executable})
    made.client.create_function(**arguments(
        "py", Runtime="python3.12", Handler="app.handle", Code={"ZipFile": python_zip()}, MemorySize=256,
        Timeout=60))
    return made


def test_a_handler_runs(made):
    result = made.call("py", {"name": "you"})
    assert result.error is None, result.payload
    assert result.json == {
        "greeting": "hello you", "id": result.request_id, "name": "py", "memory": "256",
        "runtime": "AWS_Lambda_python3.12"}


def test_an_exception_is_told(made):
    result = made.call("py", "fail")
    assert result.error == "Unhandled"
    assert (result.json["errorType"], result.json["errorMessage"]) == ("ValueError", "as asked")


def test_new_code_is_imported(made):
    made.call("py", {"name": "you"})
    made.client.update_function_code(
        FunctionName="py", ZipFile=python_zip(**{"helper.py": "def greet(name):\n    return 'bye ' + name\n"}))
    assert made.call("py", {"name": "you"}).json["greeting"] == "bye you"


def test_packages_come_from_layers(made):
    layer = made.client.publish_layer_version(LayerName="lib", Content={"ZipFile": bootstraps.zipped(
        {"python/helper.py": "def greet(name):\n    return 'layer ' + name\n"}, mode=0o644)})
    made.client.create_function(**arguments(
        "layered", Runtime="python3.12", Handler="app.handle", Layers=[layer["LayerVersionArn"]], Timeout=60,
        Code={"ZipFile": bootstraps.zipped({"app.py": HANDLER}, mode=0o644)}))
    result = made.call("layered", {"name": "you"})
    assert result.error is None and result.json["greeting"] == "layer you", result.payload


def test_what_is_missing_is_named(service):
    made = service(env={"MUMBLE_PYTHON": "/nowhere/python3"})
    made.client.create_function(**arguments("py", Runtime="python3.12", Handler="app.handle"))
    result = made.call("py")
    assert result.error == "Unhandled" and result.json["errorType"] == "Runtime.NotAvailable"
    assert "python3.12" in result.json["errorMessage"] and "/nowhere/python3" in result.json["errorMessage"]
    assert error_of(made.client, lambda c: c.invoke(FunctionName="none")).status == 404
    assert call(made.client, "py").error == "Unhandled"
