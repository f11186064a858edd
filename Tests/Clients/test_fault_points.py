"""The process dies at each named write and sync step; nothing that was acknowledged is lost or torn."""

import json
import subprocess
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from running import EMULATOR, clean

# Steps that writing items and objects passes; the others belong to first start, reopening and snapshots
# and are covered by the unit tests of the store.
POINTS = [
    "commitWrite", "commitAcknowledge", "blobWrite", "blobSync", "blobFolderMake", "blobRename", "blobFolderSync",
    "blobUnlink"]


@pytest.mark.parametrize("occurrence", [3, 17])
@pytest.mark.parametrize("point", POINTS)
def test_dying_at(point, occurrence, start, tmp_path):
    folder = tmp_path / "data"
    start(folder=folder).stop()
    emulator = start("--fault", f"{point}:{occurrence}", folder=folder)
    kept = write_until_it_dies(emulator)
    assert emulator.process.wait(timeout=60) == -9
    survivor = start(folder=folder)
    dynamodb, s3 = survivor.client("dynamodb"), survivor.client("s3")
    for name, content in kept.items():
        if isinstance(content, str):
            item = dynamodb.get_item(TableName="mumble", Key=key(name), ConsistentRead=True)["Item"]
            assert item["text"]["S"] == content
        else:
            assert s3.get_object(Bucket="mumble-media", Key=name)["Body"].read() == content
    survivor.stop()
    checked = subprocess.run(
        [EMULATOR, "verify", "--data", str(folder), "--json"], capture_output=True, text=True, env=clean())
    answer = json.loads(checked.stdout)
    assert answer["ok"] is True and answer["problems"] == [], checked.stdout


def key(name):
    return {"PK": {"S": name}, "SK": {"S": "FAULT"}}


def write_until_it_dies(emulator):
    """What was acknowledged: items as text, objects as bytes. An overwrite that was cut off may be either."""
    dynamodb = emulator.client("dynamodb", connect_timeout=30, read_timeout=60)
    s3 = emulator.client("s3", connect_timeout=30, read_timeout=60)
    kept, number, deadline = {}, 0, time.time() + 90
    try:
        while time.time() < deadline:
            number += 1
            dynamodb.put_item(TableName="mumble", Item={**key(f"i{number}"), "text": {"S": f"text {number}"}})
            kept[f"i{number}"] = f"text {number}"
            name, body = f"o{number % 7}", bytes([number % 251]) * (30_000 if number % 2 else 300)
            kept.pop(name, None)
            s3.put_object(Bucket="mumble-media", Key=name, Body=body)
            kept[name] = body
            if number % 5 == 0:
                kept.pop("o1", None)
                s3.delete_object(Bucket="mumble-media", Key="o1")
    except (BotoCoreError, ClientError):
        return kept
    pytest.fail("the fault point was never reached")
