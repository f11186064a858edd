"""Functions that tell the test what they get, and do what the test says: over one socket on this machine.

The functions of `program()` post each event to the Collector, whose answer says how the invocation ends.
"""

import contextlib
import json
import threading

from listening import Listener
from running import until

from . import bootstraps

CODE = """
def handler(event, headers):
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["COLLECTOR"]))
    connection.request("POST", "/", json.dumps({
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "event": event,
        "request_id": headers["Lambda-Runtime-Aws-Request-Id"],
        "arn": headers["Lambda-Runtime-Invoked-Function-Arn"]}).encode())
    told = json.loads(connection.getresponse().read())
    if "exit" in told:
        os._exit(told["exit"])
    if "error" in told:
        raise Exception(told["error"])
    return told["raw"].encode() if "raw" in told else told.get("return")

serve(handler)
"""


def program():
    return bootstraps.python(CODE)


class Collector(Listener):
    """Keeps what functions get. `answers` says how each function ends; without one it returns null.

    An answer is a dict ({"return": value}, {"raw": text}, {"error": text} or {"exit": status}) or a function that
    makes one of a call.
    """

    def __init__(self):
        self.calls, self.answers, self.lock = [], {}, threading.Lock()
        super().__init__(self.answer)

    def answer(self, body):
        call = json.loads(body)
        with self.lock:
            self.calls.append(call)
        answer = self.answers.get(call["function"], {})
        return json.dumps(answer(call) if callable(answer) else answer).encode()

    def function(self, **more):
        """A function for a manifest."""
        return {
            "code": program(), "environment": {"COLLECTOR": str(self.port)}, "reservedConcurrency": 2, **more}

    def of(self, function):
        """The calls of a function so far."""
        with self.lock:
            return [call for call in self.calls if call["function"] == function]

    def events(self, function):
        return [call["event"] for call in self.of(function)]

    def wait(self, function, count=1, seconds=60):
        """So many calls of a function, once there are as many."""
        until(lambda: len(self.of(function)) >= count, f"{count} calls of {function}", seconds)
        return self.of(function)

    def records(self, function):
        """The records of all events that a function got, in order."""
        return [record for event in self.events(function) for record in event["Records"]]

    def wait_records(self, function, count, seconds=60):
        until(lambda: len(self.records(function)) >= count, f"{count} records for {function}", seconds)
        return self.records(function)


@contextlib.contextmanager
def services():
    """A collector, and a list of the Services that a test makes with it, which end with the test."""
    collector, made = Collector(), []
    yield collector, made
    for service in made:
        if service.emulator.process.poll() is None:
            service.emulator.stop()
    collector.close()


class Shop:
    """An emulator for the tests of a module, with functions that each test takes for itself."""

    def __init__(self, folder, make_service, count=40, options=("--async-retry-delays", "50,100"), **more):
        self.collector = Collector()
        names = [f"f{number}" for number in range(count)]
        self.service = make_service(
            folder, {name: self.collector.function() for name in names}, options=options, **more)
        self.client, self.free = self.service.client, names
        self.made = {}

    def take(self, answer=None):
        """The name of a function that no other test uses."""
        name = self.free.pop()
        if answer is not None:
            self.collector.answers[name] = answer
        return name

    def service_client(self, service):
        if service not in self.made:
            self.made[service] = self.service.emulator.client(service)
        return self.made[service]

    def close(self):
        self.service.emulator.stop()
        self.collector.close()


def arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
