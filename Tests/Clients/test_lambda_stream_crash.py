"""`kill -9` of the emulator while a function follows a table: each acknowledged change reaches it, in order.

LAMBDA_CRASH_SEED=N replays the same delays, LAMBDA_CRASH_KILLS=N changes how many kills there are.
"""

import os
import random
import subprocess
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from running import EMULATOR, clean, until

from . import told

TABLE = {
    "TableName": "followed", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}


class Writer(threading.Thread):
    """Counts one item upwards as long as there is an emulator; `acknowledged` are the numbers that were."""

    def __init__(self, key):
        super().__init__()
        self.key, self.client, self.acknowledged, self.is_over = key, None, set(), False

    def run(self):
        number = 0
        while not self.is_over:
            client = self.client
            if client is None:
                time.sleep(0.005)
                continue
            number += 1
            try:
                client.put_item(
                    TableName="followed", Item={"pk": {"S": self.key}, "n": {"N": str(number)}})
            except (BotoCoreError, ClientError):
                continue
            self.acknowledged.add(number)


def test_every_acknowledged_change_is_told(start, tmp_path):
    seed = int(os.environ.get("LAMBDA_CRASH_SEED", random.SystemRandom().randrange(1 << 32)))
    kills = int(os.environ.get("LAMBDA_CRASH_KILLS", 12))
    print(f"LAMBDA_CRASH_SEED={seed}")
    delays, heard = random.Random(seed), told.Told()
    source = {"table": "followed", "batchSize": 5, "parallelizationFactor": 2}
    manifest = told.write_manifest(
        tmp_path, {"follow": {"eventSources": [source]}}, heard.port, tables=[TABLE])
    writers = [Writer(key) for key in ("a", "b", "c")]
    try:
        emulator = start(manifest=manifest)
        for writer in writers:
            writer.start()
        for _ in range(kills):
            for writer in writers:
                writer.client = emulator.client("dynamodb")
            time.sleep(delays.uniform(0.05, 0.8))
            emulator.kill()
            for writer in writers:
                writer.client = None
            emulator = start(manifest=manifest)
        for writer in writers:
            writer.is_over = True
        for writer in writers:
            writer.join()
        for writer in writers:
            assert writer.acknowledged, "nothing was written, so nothing was tested"
            until(
                lambda: writer.acknowledged <= set(numbers(heard, writer.key)), f"every change of {writer.key}", 180)
            check(numbers(heard, writer.key), writer)
        emulator.kill()
        print(f"{kills} kills, {sum(len(writer.acknowledged) for writer in writers)} changes, none lost")
        check_store(emulator)
    finally:
        for writer in writers:
            writer.is_over = True
        heard.close()


def numbers(heard, key):
    """What the function was told of one item, in order."""
    found = []
    for event in heard.events():
        for record in event["Records"]:
            image = record["dynamodb"]["NewImage"]
            if image["pk"]["S"] == key:
                found.append(int(image["n"]["N"]))
    return found


def check(found, writer):
    """Nothing acknowledged is missing. A batch that was cut off may come again; else numbers only grow."""
    assert writer.acknowledged <= set(found), sorted(writer.acknowledged - set(found))[:5]
    first = list(dict.fromkeys(found))
    assert first == sorted(first), "changes of one item came out of their order"


def check_store(emulator):
    done = subprocess.run(
        [EMULATOR, "verify", "--data", emulator.folder], env=clean(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
