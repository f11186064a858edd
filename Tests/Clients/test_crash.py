"""`kill -9` at random instants under load of 64 writers: nothing acknowledged is lost, nothing is torn.

See `campaigns` for CRASH_SEED and CRASH_KILLS.
"""

import os
import random
import shutil
import time

import pytest
from running import until

from . import campaigns, load
from .wire import Server, drive, verify

KILLS = int(os.environ.get("CRASH_KILLS", "200"))
WRITERS = 64


def campaign(folder, seed, kills):
    """Kills one store again and again; returns (answers, seconds of the slowest verify, indexes built)."""
    dice = random.Random(seed)
    builder = load.IndexBuilder(seed)
    writers = [load.Writer(place, seed) for place in range(WRITERS)] + [builder]
    answers, slowest = 0, 0.0
    server = Server(folder)
    load.make_tables(server)
    writers.append(load.Filler(server))
    for number in range(1, kills + 1):
        answers += campaigns.kill_under_load(
            server, writers, dice.uniform(0.02, 0.4),
            lambda more: answers + more > number * 25 and builder.built >= number // 8)
        # Half of the crashes meet `verify` first, the others a server that starts.
        if dice.random() < 0.5:
            began = time.monotonic()
            verify(folder)
            slowest = max(slowest, time.monotonic() - began)
        server = Server(folder)
        load.check(server, writers)
    builder.finish(server)
    end = time.time()
    until(
        lambda: not [item for item in server.scan(load.TABLE) if int(item.get("expires", {"N": "9" * 11})["N"]) < end],
        "all expired items are swept")
    load.check_index(server)
    server.stop()
    verify(folder)
    return answers, slowest, builder.built


@pytest.mark.parametrize("damage", ["lose", "change", "add", "half a transaction"])
def test_damage_would_be_seen(damage, tmp_path):
    """The proof that the comparison can fail."""
    server = Server(tmp_path)
    load.make_tables(server)
    writers = [load.Writer(place, 7) for place in range(WRITERS)]
    drive(server.address, writers, 0.3)
    load.check(server, writers)
    kind = "transact" if damage.startswith("half") else "put"
    writer = next(each for each in writers if each.kind == kind and each.state)
    key = next(key for key in writer.state if key[0] == load.TABLE)
    changed = {**writer.state[key], "text": {"S": "changed"}}
    if damage == "add":
        changed["sk"] = {"N": "999"}
    if damage == "lose":
        server.ok("DeleteItem", {"TableName": key[0], "Key": load.names(key)})
    elif damage.startswith("half"):
        # Cut off after its first action: money leaves one account and reaches no other.
        writer.next()
        action = writer.pending.body["TransactItems"][0]["Update"]
        server.ok("UpdateItem", action)
    else:
        server.ok("PutItem", {"TableName": key[0], "Item": changed})
    with pytest.raises(AssertionError, match="neither what was acknowledged"):
        load.check(server, writers)
    server.kill()


def test_kills_under_load(tmp_path):
    results = campaigns.run(campaign, tmp_path, KILLS)
    answers, built = (sum(result[place] for result in results) for place in (0, 2))
    print(f"{answers} answers, {built} sights of a built index; "
          f"verify took {max(result[1] for result in results):.2f} s at most")
    assert answers > KILLS * 20, "the load was not a load"
    assert built > KILLS / 10, "no index was filled"
    shutil.rmtree(tmp_path, ignore_errors=True)
