"""A kill, a start, acknowledged writes, then a power cut: what the first run left unsynced was shown and built
upon, so it must not go."""

import os
import random
import threading

from . import powercut
from .test_powercut import Run, library  # noqa: F401: a fixture
from .wire import verify, Server

TABLE = {
    "TableName": "ttt", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


def test_a_log_that_a_kill_left_unsynced(library, tmp_path):
    """Deterministic form: tries until the kill falls between the write and the sync of the log."""
    for attempt in range(40):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        run = Run(str(folder), library, f"u/{attempt}")
        server = run.start()
        server.ok("CreateTable", TABLE)
        add = {"TableName": "ttt", "Key": {"pk": {"S": "n"}}, "UpdateExpression": "ADD n :one SET f = :f",
               "ExpressionAttributeValues": {":one": {"N": "1"}, ":f": {"S": "x" * 9000}}}
        timer = threading.Timer(0.3 + random.random() * 0.2, server.process.kill)
        timer.start()
        acked = 0
        try:
            while True:
                server.ok("UpdateItem", add)
                acked += 1
        except Exception:
            pass
        server.close()
        for record in powercut.read(run.journal):
            run.disk.carry_out(record)
        # Every write to a log is of the log here: nothing else is appended to between syncs.
        pending = [t for t in run.disk.things.values() if isinstance(t, powercut.File) and t.pending
                   and sum(len(p[3] or b"") for p in t.pending) > 5000]
        if pending:
            break
    assert pending, "no kill fell before a sync"
    # The second journal counts from 0 again: what is pending now comes before all of it.
    for thing in run.disk.things.values():
        thing.pending = [(-1, *each[1:]) for each in thing.pending]
    second = run.journal + "2"
    server = Server(run.root, env=powercut.environment(library, run.root, second))
    item = server.ok("GetItem", {"TableName": "ttt", "Key": {"pk": {"S": "n"}}})["Item"]
    server.ok("PutItem", {"TableName": "ttt", "Item": {"pk": {"S": "seen"}, "n": item["n"]}})
    print(f"acknowledged {acked}, shown after the kill {item['n']}")
    server.kill()
    for record in powercut.read(second):
        run.disk.carry_out(record)
    faults = []
    for variant in powercut.VARIANTS:
        for again in range(4):
            image = os.path.join(run.folder, f"image-{variant}-{again}")
            run.disk.image(image, variant, run.dice)
            try:
                after = Server(image)
                try:
                    n = after.ok("GetItem", {"TableName": "ttt", "Key": {"pk": {"S": "n"}}})["Item"]["n"]
                    seen = after.ok("GetItem", {"TableName": "ttt", "Key": {"pk": {"S": "seen"}}})["Item"]["n"]
                    assert n == seen, f"the acknowledged copy says {seen}, what it was copied from {n}"
                finally:
                    after.stop()
                verify(image)
            except AssertionError as error:
                faults.append(f"{variant}: {str(error)[:400]}")
                try:
                    verify(image)
                except AssertionError as error:
                    faults.append(f"{variant}, verify: {str(error)[:300]}")
    assert not faults, "\n".join(faults)
