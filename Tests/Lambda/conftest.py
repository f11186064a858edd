"""Lambda's behaviour. Functions are small programs in Python or sh that each test writes itself.

    service(name=python("..."))     an emulator of the test's own with these functions in its manifest
    create(python("..."))           a function made by CreateFunction on the emulator of the whole session
    scripts.run("result = ...")     runs code inside a function that stays warm for the whole session
"""

import json
import re
import shutil
import textwrap

import pytest
from botocore.exceptions import ClientError
from endpoints import Endpoint, Refusal, unique
from listening import Gate
from running import Emulator, until

from . import bootstraps, collector

ROLE = "arn:aws:iam::000000000000:role/lambda"


class Result:
    """What Invoke answered. `payload` is the bytes, `json` the value, `error` X-Amz-Function-Error or None."""

    def __init__(self, response):
        self.response = response
        self.status = response["StatusCode"]
        self.payload = response["Payload"].read()
        self.error = response.get("FunctionError")
        self.version = response.get("ExecutedVersion")
        self.headers = response["ResponseMetadata"]["HTTPHeaders"]
        self.request_id = response["ResponseMetadata"]["RequestId"]

    @property
    def json(self):
        return json.loads(self.payload)


def call(client, name, payload=None, **parameters):
    """Invokes a function. A payload that is neither bytes nor None is sent as JSON."""
    if payload is not None and not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    if payload is not None:
        parameters["Payload"] = payload
    return Result(client.invoke(FunctionName=name, **parameters))


class Service:
    """An emulator with functions of its own."""

    def __init__(self, folder, functions, options=(), env=None, stderr=None, **more):
        self.folder = folder
        self.manifest = bootstraps.manifest(folder, functions, **more)
        self.options, self.env, self.stderr = options, env, stderr
        self.start()

    def start(self):
        self.emulator = Emulator(
            self.folder / "data", *self.options, manifest=self.manifest, env=self.env, stderr=self.stderr)
        self.client = self.emulator.client("lambda", read_timeout=120, max_pool_connections=64)

    def restart(self, kill=False):
        self.emulator.kill() if kill else self.emulator.stop()
        self.start()

    def call(self, name, payload=None, **parameters):
        return call(self.client, name, payload, **parameters)

    def stop_until(self, call, condition, what):
        """Stops after `call()`, again and again until the condition holds: the processes of an environment have two
        seconds for its end, the runtime less, which on a busy machine are too few for some."""
        def stopped():
            if self.emulator.process.poll() is not None:
                self.start()
            call()
            self.emulator.stop()
            return condition()
        return until(stopped, what)

    def log(self, name):
        """What is in a function's log file by now."""
        try:
            return (self.folder / "data" / "logs" / f"{name}.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def said(self, name, kind):
        """The values of `say(kind, value)` in a function's log, in their order."""
        lines = re.findall(rf"^SAY {kind} (.*)\n", self.log(name), re.MULTILINE)
        return [json.loads(line) for line in lines]


class Scripts:
    """A function that runs the code it is sent, in one process that stays warm."""

    def __init__(self, service, name="script"):
        self.service, self.name = service, name
        self.client = service.client

    def run(self, code, name=None, event=None, **parameters):
        payload = {**(event or {}), "code": textwrap.dedent(code)}
        return self.service.call(name or self.name, payload, **parameters)

    def value(self, code, **parameters):
        """What the code leaves in `result`; the code must not fail."""
        result = self.run(code, **parameters)
        assert result.error is None, result.payload
        return result.json


@pytest.fixture(scope="session")
def endpoint(endpoint_url):
    return Endpoint(endpoint_url)


@pytest.fixture(scope="session")
def lambda_client(endpoint):
    """A client that sends what it is given, once, to an emulator with an empty manifest."""
    return endpoint.client("lambda", read_timeout=120)


@pytest.fixture
def create(lambda_client):
    """create(bootstrap, **CreateFunction parameters) -> the name of a new, active function."""
    made = []

    def make(bootstrap=None, files=None, **parameters):
        name = parameters.pop("FunctionName", None) or unique("f")
        parameters.setdefault("Runtime", "provided.al2023")
        parameters.setdefault("Handler", "bootstrap")
        parameters.setdefault("Role", ROLE)
        parameters.setdefault(
            "Code", {"ZipFile": bootstraps.code_zip(bootstrap or bootstraps.python(), **(files or {}))})
        lambda_client.create_function(FunctionName=name, **parameters)
        made.append(name)
        lambda_client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return name

    yield make
    for name in made:
        try:
            lambda_client.delete_function(FunctionName=name)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ResourceNotFoundException", error


@pytest.fixture
def service(tmp_path):
    """service(name=bootstrap, ..., options=(), env=None) -> Service, ended with the test."""
    started = []

    def make(options=(), env=None, stderr=None, more=None, **functions):
        folder = tmp_path / f"service-{len(started)}"
        folder.mkdir()
        started.append(Service(folder, functions, options, env, stderr, **(more or {})))
        return started[-1]

    yield make
    for one in started:
        if one.emulator.process.poll() is None:
            one.emulator.stop()


@pytest.fixture(scope="session", autouse=True)
def ticking(request, tmp_path_factory):
    """A collector and functions that schedules call each minute. The minute goes by while other tests run, as this
    starts with the first of them; None when nobody asks."""
    if not any("test_schedules" in item.nodeid for item in request.session.items):
        yield None
        return
    with collector.services() as (collected, made):
        made.append(Service(
            tmp_path_factory.mktemp("ticking"), {name: collected.function() for name in ("tick", "warm")},
            schedules=[
                {"name": "tick", "function": "tick", "expression": "cron(* * * * ? *)"},
                {"name": "resting", "function": "warm", "expression": "rate(1 minute)", "enabled": False},
                {"name": "warm", "function": "warm", "expression": "rate(1 minute)", "input": {"warmer": True}}]))
        yield collected


@pytest.fixture
def gate():
    """A closed gate; functions with `environment=gate_at(gate)` that call `hold()` wait until it opens."""
    made = Gate()
    yield made
    made.close()


def gate_at(gate):
    return {"GATE": str(gate.port)}


@pytest.fixture(scope="session")
def scripts(tmp_path_factory):
    """Scripts on an emulator for the whole session. `bytes` there echoes its event, and `many`, a script for calls at the same time."""
    folder = tmp_path_factory.mktemp("scripts")
    made = Service(folder, {
        # One environment: a call that comes before the one before has ended waits for it.
        "script": {"code": bootstraps.python(bootstraps.SCRIPTS), "reservedConcurrency": 1},
        "many": bootstraps.python(bootstraps.SCRIPTS), "bytes": bootstraps.python(bootstraps.BYTES)})
    yield Scripts(made)
    made.emulator.stop()
    shutil.rmtree(folder, ignore_errors=True)


def written(service, name, mark):
    """A function's log, once `mark` is in it: lines are in the file a moment after the call."""
    until(lambda: mark in service.log(name), f"{mark!r} is in the log of {name}", 30)
    return service.log(name)


def error_of(client, call):
    """The Refusal of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(client)
    return Refusal().fill(caught.value.response)
