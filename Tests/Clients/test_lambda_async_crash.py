"""`kill -9` of the emulator while asynchronous events are accepted and run: each accepted event runs at least once.

LAMBDA_CRASH_SEED=N replays the same delays, LAMBDA_CRASH_KILLS=N changes how many kills there are.
"""

import http.server
import json
import os
import random
import stat
import subprocess
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from running import EMULATOR, clean, until

PROGRAM = """#!/usr/bin/env python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
    told = http.client.HTTPConnection("127.0.0.1", int(os.environ["TOLD"]))
    told.request("POST", "/", event)
    wrong = told.getresponse().read() == b"fail"
    told.close()
    path = "error" if wrong else "response"
    body = b'{"errorType":"Wrong","errorMessage":"as told"}' if wrong else b"null"
    api.request("POST", "/2018-06-01/runtime/invocation/" + request + "/" + path, body)
    api.getresponse().read()
"""


class Told:
    """What functions were called with; every seventh event fails the first time."""

    def __init__(self):
        self.seen, self.lock = {}, threading.Lock()
        told = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = event.get("n", event.get("requestPayload", {}).get("n"))
                name = ("record" if "requestPayload" in event else "event", number)
                with told.lock:
                    told.seen[name] = told.seen.get(name, 0) + 1
                    fails = name[0] == "event" and number % 7 == 0 and told.seen[name] == 1
                body = b"fail" if fails else b"well"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def has(self, kind, numbers):
        with self.lock:
            return all((kind, number) in self.seen for number in numbers)


def write_manifest(folder, port):
    program = os.path.join(folder, "bootstrap")
    with open(program, "w") as file:
        file.write(PROGRAM)
    os.chmod(program, stat.S_IRWXU | stat.S_IROTH | stat.S_IXOTH)
    function = {"executable": program, "timeout": 30, "reservedConcurrency": 2, "environment": {"TOLD": str(port)}}
    path = os.path.join(folder, "serverless-manifest.json")
    with open(path, "w") as file:
        json.dump({"service": "crash", "functions": {"work": function, "told": function}}, file)
    return path


class Writers:
    """Threads that invoke as long as there is an emulator; `accepted` is what was answered with 202."""

    def __init__(self, count):
        self.accepted, self.numbers, self.lock = set(), iter(range(1, 1 << 40)), threading.Lock()
        self.client, self.is_over = None, False
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.is_over:
            client = self.client
            if client is None:
                time.sleep(0.005)
                continue
            with self.lock:
                number = next(self.numbers)
            try:
                answer = client.invoke(
                    FunctionName="work", InvocationType="Event", Payload=json.dumps({"n": number}).encode())
            except (BotoCoreError, ClientError):
                continue
            if answer["StatusCode"] == 202:
                self.accepted.add(number)
            time.sleep(0.02)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def test_every_accepted_event_runs(start, tmp_path):
    seed = int(os.environ.get("LAMBDA_CRASH_SEED", random.SystemRandom().randrange(1 << 32)))
    kills = int(os.environ.get("LAMBDA_CRASH_KILLS", 20))
    print(f"LAMBDA_CRASH_SEED={seed}")
    delays, told = random.Random(seed), Told()
    manifest = write_manifest(str(tmp_path), told.server.server_address[1])
    options = ("--async-retry-delays", "20,20")
    writers = Writers(3)
    try:
        emulator = start(*options, manifest=manifest)
        emulator.client("lambda").put_function_event_invoke_config(
            FunctionName="work", DestinationConfig={
                "OnSuccess": {"Destination": "arn:aws:lambda:us-east-1:000000000000:function:told"}})
        for _ in range(kills):
            writers.client = emulator.client("lambda")
            time.sleep(delays.uniform(0.02, 0.6))
            emulator.kill()
            writers.client = None
            emulator = start(*options, manifest=manifest)
        writers.end()
        assert writers.accepted, "nothing was accepted, so nothing was tested"
        until(lambda: told.has("event", writers.accepted), "every accepted event ran")
        until(lambda: told.has("record", writers.accepted), "every accepted event's success was told")
        emulator.kill()
        repeated = sum(count > 1 for (kind, _), count in told.seen.items() if kind == "event")
        print(f"{kills} kills, {len(writers.accepted)} events, none lost, {repeated} run more than once")
        check = subprocess.run(
            [EMULATOR, "verify", "--data", emulator.folder], env=clean(), capture_output=True, text=True)
        assert check.returncode == 0, check.stdout
    finally:
        writers.end()
        told.server.shutdown()
        told.server.server_close()
