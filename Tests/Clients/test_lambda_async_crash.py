"""`kill -9` of the emulator while asynchronous events are accepted and run: each accepted event runs at least once.

LAMBDA_CRASH_SEED=N replays the same delays, LAMBDA_CRASH_KILLS=N changes how many kills there are.
"""

import json
import os
import random
import subprocess
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from running import EMULATOR, clean, until

from . import told

OPTIONS = ("--async-retry-delays", "20,20")


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
    delays = random.Random(seed)
    # Every seventh event fails when it comes first.
    heard = told.Told(lambda event, count: event.get("n", 1) % 7 == 0 and count == 1)
    manifest = told.write_manifest(tmp_path, {"work": {}, "told": {}}, heard.port)
    writers = Writers(3)

    def ran():
        return {event["n"] for event in heard.events() if "n" in event}

    def told_of():
        return {event["requestPayload"]["n"] for event in heard.events() if "requestPayload" in event}

    try:
        emulator = start(*OPTIONS, manifest=manifest)
        emulator.client("lambda").put_function_event_invoke_config(
            FunctionName="work", DestinationConfig={
                "OnSuccess": {"Destination": "arn:aws:lambda:us-east-1:000000000000:function:told"}})
        for _ in range(kills):
            writers.client = emulator.client("lambda")
            time.sleep(delays.uniform(0.02, 0.6))
            emulator.kill()
            writers.client = None
            emulator = start(*OPTIONS, manifest=manifest)
        writers.end()
        assert writers.accepted, "nothing was accepted, so nothing was tested"
        until(lambda: writers.accepted <= ran(), "every accepted event ran", 180)
        until(lambda: writers.accepted <= told_of(), "every accepted event's success was told", 180)
        emulator.kill()
        print(f"{kills} kills, {len(writers.accepted)} events, none lost")
        check = subprocess.run(
            [EMULATOR, "verify", "--data", emulator.folder], env=clean(), capture_output=True, text=True)
        assert check.returncode == 0, check.stdout
    finally:
        writers.end()
        heard.close()
