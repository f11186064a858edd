"""`kill -9` at any instant loses no acknowledged write."""

import random
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from running import until

ROUNDS = 20
WRITERS = 4
SEED = 20261121


class Writer(threading.Thread):
    """Counts up one counter, puts items and objects; remembers what was acknowledged."""

    def __init__(self, emulator, number, counter):
        super().__init__()
        self.dynamodb = emulator.client("dynamodb", connect_timeout=30, read_timeout=60)
        self.s3 = emulator.client("s3", connect_timeout=30, read_timeout=60)
        self.number = number
        self.counter = self.tried = counter
        self.objects = {}
        self.stopping = False

    def run(self):
        step = 0
        try:
            while not self.stopping:
                step += 1
                self.tried = self.counter + 1
                answer = self.dynamodb.update_item(
                    TableName="mumble", Key={"PK": {"S": f"KILL#{self.number}"}, "SK": {"S": "COUNT"}},
                    UpdateExpression="ADD amount :one", ExpressionAttributeValues={":one": {"N": "1"}},
                    ReturnValues="UPDATED_NEW")
                self.counter = int(answer["Attributes"]["amount"]["N"])
                if step % 5 == 0:
                    key = f"kill/{self.number}/{step % 50}"
                    body = bytes([step % 251]) * random.Random(step).choice([10, 20_000, 70_000])
                    self.objects.pop(key, None)
                    self.s3.put_object(Bucket="mumble-media", Key=key, Body=body)
                    self.objects[key] = body
        except (BotoCoreError, ClientError):
            pass  # the emulator was killed in the middle of this call


def test_kill_nine_twenty_times_under_load(start, tmp_path):
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    folder = tmp_path / "data"
    expected = [(0, 0)] * WRITERS
    for round_number in range(ROUNDS):
        emulator = start(folder=folder)
        values = check_counters(emulator, expected, round_number)
        writers = [Writer(emulator, number, value) for number, value in enumerate(values)]
        for writer in writers:
            writer.start()
        until(lambda: all(writer.counter > value + 1 for writer, value in zip(writers, values)), "all at work")
        time.sleep(dice.uniform(0, 0.4))
        emulator.kill()
        for writer in writers:
            writer.stopping = True
            writer.join(timeout=60)
        survivor = start(folder=folder)
        s3 = survivor.client("s3")
        for writer in writers:
            for key, body in writer.objects.items():
                assert s3.get_object(Bucket="mumble-media", Key=key)["Body"].read() == body
        survivor.stop()
        expected = [(writer.counter, writer.tried) for writer in writers]
        assert sum(writer.counter for writer in writers) > 0
    assert all(low > ROUNDS for low, _ in expected)


def check_counters(emulator, expected, round_number):
    """A counter is what was acknowledged, or one more: the call that the kill cut off."""
    dynamodb = emulator.client("dynamodb")
    values = []
    for number, (low, high) in enumerate(expected):
        item = dynamodb.get_item(
            TableName="mumble", Key={"PK": {"S": f"KILL#{number}"}, "SK": {"S": "COUNT"}},
            ConsistentRead=True).get("Item")
        value = int(item["amount"]["N"]) if item else 0
        assert low <= value <= high, f"round {round_number}, writer {number}: {value} not in {low}..{high}"
        values.append(value)
    return values
